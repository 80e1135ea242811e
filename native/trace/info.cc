// SPDX-License-Identifier: MIT
#include "trace/info.h"

#include <algorithm>

namespace pw::trace {
namespace {

constexpr std::uint64_t kLineBytes = 64;

DistinctCounts count_pages(const PageSet& data, const PageSet& instruction) {
  DistinctCounts counts{.data = data.size(), .instruction = instruction.size()};
  data.for_each_region([&](std::uint64_t region, PageSet::Bitmap bits) {
    const PageSet::Bitmap others = instruction.bitmap_of(region);
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= others[i];
    counts.in_both += PageSet::count_of(bits);
  });
  counts.either = counts.data + counts.instruction - counts.in_both;
  return counts;
}

// The regions of 512 pages that hold a page of the set: 4 KiB pages to 2 MiB regions, those to 1 GiB ones.
PageSet regions_of(const PageSet& pages) {
  PageSet regions;
  pages.for_each_region([&](std::uint64_t region, const PageSet::Bitmap&) { regions.add(region); });
  return regions;
}

DistinctCounts count_regions(const PageSet& data, const PageSet& instruction) {
  return count_pages(regions_of(data), regions_of(instruction));
}

SizeCounts list_sizes(std::span<const std::uint64_t> by_size) {
  SizeCounts list;
  for (std::size_t size = 1; size < by_size.size(); ++size) {
    if (by_size[size] > 0) list.push_back({static_cast<std::uint32_t>(size), by_size[size]});
  }
  return list;
}

PageSet united(PageSet set, const PageSet& other) {
  set.add_all(other);
  return set;
}

}  // namespace

void InfoCollector::add(const Batch& batch) {
  counter_.add({batch.words.get(), batch.count});
  for (std::size_t i = 0; i < batch.count; ++i) add_word(batch.words[i], batch.sizes ? batch.sizes[i] : 0);
  for (const Event& event : batch.events) events_.add(event);
}

void InfoCollector::add_word(PackedAccess word, std::uint64_t size) {
  Kind& kind = kinds_[kind_of(word) == AccessKind::Fetch ? kInstruction : kData];
  const VirtAddr address = address_of(word);
  if (is_second_half(word)) {
    kind.second.add(page_of(address).value());
    kind.range.highest = std::max(kind.range.highest, address.value());
    return;
  }
  const std::uint64_t last = address.value() + (size > 0 ? size - 1 : 0);
  kind.first.add(page_of(address).value());
  kind.range.lowest = std::min(kind.range.lowest, address.value());
  kind.range.highest = std::max(kind.range.highest, last);
  ++kind.sizes[size];
  crossing_64B_ += address.value() / kLineBytes != last / kLineBytes;
}

TraceInfo InfoCollector::finish(const Producer& producer) const {
  const Kind& data = kinds_[kData];
  const Kind& code = kinds_[kInstruction];
  const PageSet data_span = united(data.first, data.second);
  const PageSet code_span = united(code.first, code.second);
  TraceInfo info;
  info.counts = counter_.counts();
  info.other = producer.tally().other;
  info.skipped = producer.tally().skipped;
  info.text_bytes = producer.text_bytes();
  info.sha256 = producer.sha256();
  info.pages_4KiB_by_start = count_pages(data.first, code.first);
  info.pages_4KiB_by_span = count_pages(data_span, code_span);
  info.regions_2MiB_by_start = count_regions(data.first, code.first);
  info.regions_2MiB_by_span = count_regions(data_span, code_span);
  info.regions_1GiB_by_start = count_regions(regions_of(data.first), regions_of(code.first));
  if (data.sizes[0] == 0 && code.sizes[0] == 0) info.crossing_64B = crossing_64B_;
  info.data_range = data.range;
  info.instruction_range = code.range;
  info.data_sizes = list_sizes(data.sizes);
  info.instruction_sizes = list_sizes(code.sizes);
  info.events = events_;
  info.events.unrelated = producer.tally().unrelated_calls;
  info.events.cut = producer.tally().cut_calls;
  return info;
}

}  // namespace pw::trace
