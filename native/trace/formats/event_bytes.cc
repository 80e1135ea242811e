// SPDX-License-Identifier: MIT
#include "trace/formats/event_bytes.h"

#include <algorithm>

#include "trace/formats/bytes.h"
#include "trace/formats/packed_layout.h"

namespace pw::trace::packed {
namespace {

constexpr std::uint8_t kKindMask = 0x3f;
constexpr std::uint8_t kFailed = 0x40;
constexpr std::uint8_t kHasFile = 0x80;
static_assert(kEventKinds <= kKindMask);

struct Cursor {
  const char* p;
  const char* end;
  bool is_wrong = false;

  std::uint64_t varint() {
    std::uint64_t value = 0;
    is_wrong = is_wrong || !take_varint(p, end, value);
    return is_wrong ? 0 : value;
  }
  std::uint8_t byte() {
    is_wrong = is_wrong || p == end;
    return is_wrong ? std::uint8_t{0} : static_cast<std::uint8_t>(*p++);
  }
  std::string text() {
    const std::uint64_t bytes = varint();
    is_wrong = is_wrong || bytes > std::min(static_cast<std::size_t>(end - p), kMaxFileName);
    if (is_wrong) return {};
    p += bytes;
    return std::string(p - bytes, p);
  }
};

Event take_event(Cursor& cursor, std::uint64_t before) {
  Event event;
  const std::uint8_t head = cursor.byte();
  const std::uint8_t kind = head & kKindMask;
  cursor.is_wrong = cursor.is_wrong || kind >= kEventKinds;
  if (cursor.is_wrong) return event;
  event.kind = static_cast<EventKind>(kind);
  event.failed = (head & kFailed) != 0;
  event.position = before + cursor.varint();
  const std::uint64_t pid = cursor.varint();
  event.pid = static_cast<std::uint32_t>(pid);
  const EventKindInfo& info = info_of(event.kind);
  for (unsigned i = 0; i < info.arguments; ++i) event.arguments[i] = cursor.varint();
  if (info.has_result) event.result = cursor.varint();
  if (head & kHasFile) event.file = cursor.text();
  cursor.is_wrong =
      cursor.is_wrong || pid > 0xffffffff || event.position < before || (event.failed && !info.has_result);
  return event;
}

}  // namespace

void append_event(std::string& to, const Event& event, std::uint64_t before) {
  const EventKindInfo& info = info_of(event.kind);
  to.push_back(static_cast<char>(static_cast<std::uint8_t>(event.kind) | (event.failed ? kFailed : 0) |
                                 (event.file.empty() ? 0 : kHasFile)));
  append_varint(to, event.position - before);
  append_varint(to, event.pid);
  for (unsigned i = 0; i < info.arguments; ++i) append_varint(to, event.arguments[i]);
  if (info.has_result) append_varint(to, event.result);
  if (event.file.empty()) return;
  const std::size_t bytes = std::min(event.file.size(), kMaxFileName);
  append_varint(to, bytes);
  to.append(event.file, 0, bytes);
}

Status decode_events(std::string_view payload, std::uint32_t count, std::uint64_t last_position,
                     std::vector<Event>& events, std::uint64_t offset) {
  Cursor cursor{payload.data(), payload.data() + payload.size()};
  std::uint64_t before = 0;
  std::uint64_t least = events.empty() ? 0 : events.back().position;
  for (std::uint32_t i = 0; i < count && !cursor.is_wrong; ++i) {
    Event event = take_event(cursor, before);
    before = event.position;
    cursor.is_wrong = cursor.is_wrong || before < least || before > last_position;
    least = before;
    if (!cursor.is_wrong) events.push_back(std::move(event));
  }
  if (!cursor.is_wrong && cursor.p == cursor.end) return Done{};
  return corrupt(offset, "a section of events holds what are no events of its block");
}

}  // namespace pw::trace::packed
