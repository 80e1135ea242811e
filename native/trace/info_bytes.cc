// SPDX-License-Identifier: MIT
// TraceInfo as the info section of a packed file: 64-bit numbers in the order of visit_numbers(), then the
// texts and lists, each behind its length, and the counts of events where there are any. One visitor serves both directions.
#include <algorithm>

#include "trace/formats/bytes.h"
#include "trace/formats/packed_layout.h"
#include "trace/info.h"

namespace pw::trace {
namespace {

template <class Counts, class Visit>
void visit_distinct(Counts& counts, Visit number) {
  number(counts.data), number(counts.instruction), number(counts.either), number(counts.in_both);
}

template <class Info, class Visit>
void visit_numbers(Info& info, Visit number) {
  auto& c = info.counts;
  for (auto* value :
       {&c.records, &c.instructions, &c.fetches, &c.loads, &c.stores, &c.modifies, &c.crossing}) {
    number(*value);
  }
  number(info.other), number(info.skipped);
  visit_distinct(info.pages_4KiB_by_start, number);
  visit_distinct(info.pages_4KiB_by_span, number);
  visit_distinct(info.regions_2MiB_by_start, number);
  visit_distinct(info.regions_2MiB_by_span, number);
  visit_distinct(info.regions_1GiB_by_start, number);
  number(info.data_range.lowest), number(info.data_range.highest);
  number(info.instruction_range.lowest), number(info.instruction_range.highest);
}

constexpr std::uint64_t kUnknown = ~std::uint64_t{0};  // stands for a number that is not known

void append_sizes(std::string& to, const SizeCounts& sizes) {
  append(to, static_cast<std::uint64_t>(sizes.size()));
  for (const SizeCount& entry : sizes) {
    append(to, static_cast<std::uint64_t>(entry.size));
    append(to, entry.accesses);
  }
}

void append_events(std::string& to, const EventCounts& events) {
  append(to, static_cast<std::uint64_t>(kEventKinds));
  for (const std::uint64_t count : events.by_kind) append(to, count);
  append(to, events.failed);
  append(to, events.unrelated);
  append(to, events.cut);
}

// Takes numbers and texts off the front; `short_` once there were too few bytes.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number() {
    const std::string_view raw = text(sizeof(std::uint64_t));
    return raw.empty() ? 0 : load<std::uint64_t>(raw.data());
  }
  std::string_view text(std::uint64_t size) {
    short_ = short_ || size > bytes_.size();
    if (short_) return {};
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  SizeCounts sizes() {
    SizeCounts list;
    for (std::uint64_t left = number(); left > 0 && !short_; --left) {
      const auto size = static_cast<std::uint32_t>(number());
      list.push_back({size, number()});
    }
    return list;
  }
  // Of kinds that this build does not know there are no events that it could read.
  EventCounts events() {
    EventCounts events;
    if (bytes_.empty()) return events;
    const std::uint64_t kinds = number();
    for (std::uint64_t kind = 0; kind < kinds && !short_; ++kind) {
      const std::uint64_t count = number();
      if (kind < kEventKinds) events.by_kind[kind] = count;
    }
    events.failed = number();
    events.unrelated = number();
    events.cut = number();
    return events;
  }
  std::optional<std::uint64_t> optional_number() {
    const std::uint64_t value = number();
    return value == kUnknown ? std::nullopt : std::optional(value);
  }
  bool took_all() const { return !short_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool short_ = false;
};

}  // namespace

std::string encode_info(const TraceInfo& info) {
  std::string bytes;
  visit_numbers(info, [&](std::uint64_t value) { append(bytes, value); });
  append(bytes, info.text_bytes.value_or(kUnknown));
  append(bytes, info.crossing_64B.value_or(kUnknown));
  append(bytes, static_cast<std::uint64_t>(info.sha256.size()));
  bytes += info.sha256;
  append_sizes(bytes, info.data_sizes);
  append_sizes(bytes, info.instruction_sizes);
  if (info.events.events() > 0) append_events(bytes, info.events);
  return bytes;
}

Result<TraceInfo> decode_info(std::string_view bytes) {
  Taker taker(bytes);
  TraceInfo info;
  visit_numbers(info, [&](std::uint64_t& value) { value = taker.number(); });
  info.text_bytes = taker.optional_number();
  info.crossing_64B = taker.optional_number();
  info.sha256 = taker.text(taker.number());
  info.data_sizes = taker.sizes();
  info.instruction_sizes = taker.sizes();
  info.events = taker.events();
  if (taker.took_all()) return info;
  return Error{.code = ErrorCode::TraceCorrupt,
               .message = "the counts of the packed trace do not have the length they claim"};
}

}  // namespace pw::trace
