// SPDX-License-Identifier: MIT
// What a whole trace holds: the numbers of `trace info`, collected from its words and sizes.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trace/counts.h"
#include "trace/event.h"
#include "trace/page_set.h"
#include "trace/producer.h"
#include "trace/word_counter.h"

namespace pw::trace {

// Distinct pages or regions: of loads, stores and modifies, of fetches, of any, of both.
struct DistinctCounts {
  std::uint64_t data = 0;
  std::uint64_t instruction = 0;
  std::uint64_t either = 0;
  std::uint64_t in_both = 0;
  friend bool operator==(const DistinctCounts&, const DistinctCounts&) = default;
};

struct AddressRange {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();  // first byte
  std::uint64_t highest = 0;                                         // last byte
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// Accesses by size in bytes; empty where the trace does not tell sizes.
struct SizeCount {
  std::uint32_t size = 0;
  std::uint64_t accesses = 0;
  friend bool operator==(const SizeCount&, const SizeCount&) = default;
};
using SizeCounts = std::vector<SizeCount>;

// "By start" counts the page of an access's first byte alone, "by span" every page with one of its bytes.
// An access whose size is not known counts as one byte, or as reaching into the next page if it crosses.
struct TraceInfo {
  TraceCounts counts;
  std::uint64_t other = 0;    // lines that are no access
  std::uint64_t skipped = 0;  // lines that do not parse
  std::optional<std::uint64_t> text_bytes;
  std::string sha256;  // of the decompressed trace as read; empty where it was not asked for
  DistinctCounts pages_4KiB_by_start;
  DistinctCounts pages_4KiB_by_span;
  DistinctCounts regions_2MiB_by_start;
  DistinctCounts regions_2MiB_by_span;
  DistinctCounts regions_1GiB_by_start;
  std::optional<std::uint64_t> crossing_64B;  // where sizes are known; crossing 4 KiB stands in counts
  AddressRange data_range;                    // lowest > highest where there is no such access
  AddressRange instruction_range;
  SizeCounts data_sizes;
  SizeCounts instruction_sizes;
  EventCounts events;
};

// The bytes that a packed file's info section holds, and back.
std::string encode_info(const TraceInfo& info);
Result<TraceInfo> decode_info(std::string_view bytes);

class InfoCollector {
 public:
  void add(const Batch& batch);
  // Call once, after the last batch.
  TraceInfo finish(const Producer& producer) const;

 private:
  struct Kind {
    PageSet first;   // pages of first bytes
    PageSet second;  // pages that crossing accesses reach into
    AddressRange range;
    std::array<std::uint64_t, kMaxAccessBytes + 1> sizes{};
  };
  static constexpr std::size_t kData = 0;
  static constexpr std::size_t kInstruction = 1;

  void add_word(PackedAccess word, std::uint64_t size);

  WordCounter counter_;
  std::array<Kind, 2> kinds_;
  std::uint64_t crossing_64B_ = 0;
  EventCounts events_;
};

}  // namespace pw::trace
