// SPDX-License-Identifier: MIT
// How many pages were used since a page was: the reuse distances of a stream, in one pass.
//
// Time advances by one with each use, and the time of each page's last use is a set bit in a long row. The
// distance of a page is the number of bits set after its own. Counts above the bits are prefix sums in wide nodes, a
// tree of four levels: a look-up reads one count of each, and clearing a bit lowers the counts behind it in its
// node, some vector instructions each. Bits are set at the end only, where nothing is counted yet: a node is given its
// count when time enters it. When the row is full, the times of all pages are made dense again.
//
// Amortized O(1) for what is used again soon, O(pages / 2^23) otherwise; 4 bytes a page and a quarter byte for each of
// at least 4 times as many slots.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "base/huge_page_allocator.h"

namespace pw::analysis {

class RecencyRanks {
 public:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  // Of so many pages, whose numbers are below `numbers`. REQUIRES: pages < 2^30.
  RecencyRanks(std::uint32_t pages, std::uint64_t numbers);

  // Notes a use and returns how many other pages were used since the last one; kNever for a first use.
  PW_ALWAYS_INLINE std::uint64_t use(std::uint32_t page) {
    if (now_ == slots_) make_dense();
    if (now_ % kWordSlots == 0) enter_word();
    const std::uint32_t last = last_[page];
    std::uint64_t distance = kNever;
    if (last != kUnused) [[likely]] {
      distance = used_ - rank(last);
      remove(last);
      --used_;
    }
    bits_[now_ / kWordSlots] |= std::uint64_t{1} << now_ % kWordSlots;
    last_[page] = now_++;
    ++used_;
    return distance;
  }
  // As if the page had never been used. REQUIRES: it was.
  void forget(std::uint32_t page) {
    if (now_ == slots_) make_dense();
    remove(last_[page]);
    last_[page] = kUnused;
    --used_;
  }
  // Before the page is used: brings its last time, and, somewhat later, what lies at that time. Always inline: compilers drop calls of functions that only
  // prefetch.
  PW_ALWAYS_INLINE void prefetch_page(std::uint32_t page) const { PW_PREFETCH(&last_[page]); }
  PW_ALWAYS_INLINE void prefetch_place(std::uint32_t page) const {
    const std::uint32_t last = last_[page];
    if (last == kUnused) return;
    PW_PREFETCH(&bits_[last / kWordSlots]);
    PW_PREFETCH(&words_[last / kNodeSlots]);
  }

 private:
  static constexpr std::uint32_t kUnused = ~std::uint32_t{0};
  static constexpr std::uint32_t kWordSlots = 64;
  static constexpr std::uint32_t kNodeSlots = 16 * kWordSlots;
  static constexpr std::uint32_t kGroupSlots = 32 * kNodeSlots;
  static constexpr std::uint32_t kRegionSlots = 32 * kGroupSlots;
  // Counts of what lies before each child, in its parent.
  using WordCounts = std::array<std::uint16_t, 16>;
  using NodeCounts = std::array<std::uint16_t, 32>;
  using GroupCounts = std::array<std::uint32_t, 32>;
  using RegionCounts = std::array<std::uint32_t, 8>;

  static std::uint32_t count_bits(std::uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return static_cast<std::uint32_t>(bits * 0x0101010101010101 >> 56);
  }
  std::uint32_t before_region(std::uint32_t region) const { return regions_[region / 8][region % 8]; }
  // Bits set up to and including the slot.
  std::uint32_t rank(std::uint32_t slot) const {
    return before_region(slot / kRegionSlots) + groups_[slot / kRegionSlots][slot / kGroupSlots % 32] +
           nodes_[slot / kGroupSlots][slot / kNodeSlots % 32] +
           words_[slot / kNodeSlots][slot / kWordSlots % 16] +
           count_bits(bits_[slot / kWordSlots] << (kWordSlots - 1 - slot % kWordSlots));
  }
  // One less in each count behind `child`, which may be outside. What time has not entered yet may hold anything.
  template <class Counts>
  static PW_ALWAYS_INLINE void lower_behind(Counts& counts, std::int32_t child) {
    using Count = typename Counts::value_type;
    using Index = std::make_signed_t<Count>;
    for (std::size_t i = 0; i < counts.size(); ++i)
      counts[i] = static_cast<Count>(counts[i] -
                                     static_cast<Count>(static_cast<Index>(i) > static_cast<Index>(child)));
  }
  PW_ALWAYS_INLINE void remove(std::uint32_t slot) {
    bits_[slot / kWordSlots] &= ~(std::uint64_t{1} << slot % kWordSlots);
    if (slot / kWordSlots == now_ / kWordSlots) return;
    lower_behind(words_[slot / kNodeSlots], slot / kWordSlots % 16);
    if (slot / kNodeSlots == now_ / kNodeSlots) return;
    lower_behind(nodes_[slot / kGroupSlots], slot / kNodeSlots % 32);
    if (slot / kGroupSlots == now_ / kGroupSlots) return;
    lower_behind(groups_[slot / kRegionSlots], slot / kGroupSlots % 32);
    auto region = static_cast<std::int32_t>(slot / kRegionSlots);
    for (RegionCounts& counts : regions_) {
      lower_behind(counts, region);
      region -= static_cast<std::int32_t>(counts.size());
    }
  }
  // What is before the word that begins now, in each node that begins with it or holds it.
  void enter_word();
  PW_NOINLINE void make_dense();

  std::uint32_t slots_;
  std::uint32_t now_ = 0;
  std::uint32_t used_ = 0;  // bits set
  LargeVector<std::uint32_t> last_;
  LargeVector<std::uint64_t> bits_;
  std::vector<WordCounts> words_;
  std::vector<NodeCounts> nodes_;
  std::vector<GroupCounts> groups_;
  std::vector<RegionCounts> regions_;
};

}  // namespace pw::analysis
