// SPDX-License-Identifier: MIT
// Dense numbers for page numbers, in the order of first appearance, so that whatever is known of a page
// is an array element. Streams stay with few pages at a time, which a small direct-mapped memory finds.
// The others are found by blocks of 16, which share a line of memory: one hash slot serves 16 neighbors,
// and streams have mostly neighbors.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/page_run.h"
#include "base/check.h"
#include "base/huge_page_allocator.h"

namespace pw::analysis {

class PageNumbering {
 public:
  PageNumbering() : recent_(kRecent), slots_(kFirstSlots), blocks_(1) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(pages_.size()); }
  std::uint64_t page(std::uint32_t number) const { return pages_[number]; }

  // The page's number, a new one if it has none. REQUIRES: page < 2^63, fewer than 2^32 - 1 pages.
  PW_ALWAYS_INLINE std::uint32_t number_of(std::uint64_t page) {
    Recent& recent = recent_[page % kRecent];
    if (recent.page != page) recent = {page, find(page)};
    return recent.number;
  }
  // Before the numbers of several pages are asked for: brings what is likely not in a cache.
  // REQUIRES: at most kPrefetch. Always inline: compilers drop calls of functions that only prefetch.
  PW_ALWAYS_INLINE void prefetch(std::span<const PageReference> references) const {
    if (slots_.size() <= kCachedSlots) return;
    std::array<const Slot*, kPrefetch> slots;
    std::size_t count = 0;
    for (const PageReference reference : references) {
      const std::uint64_t page = reference & ~kStoreBit;
      slots[count] = &slots_[home_of(page / kBlock)];
      count += recent_[page % kRecent].page != page;
    }
    for (std::size_t i = 0; i < count; ++i) PW_PREFETCH(slots[i]);
    for (std::size_t i = 0; i < count; ++i) PW_PREFETCH(&blocks_[slots[i]->block]);
  }
  static constexpr std::size_t kPrefetch = 64;

 private:
  static constexpr std::uint64_t kBlock = 16;
  static constexpr std::size_t kFirstSlots = 1024;
  static constexpr std::size_t kCachedSlots = 8192;  // with their blocks: what second-level caches hold
  static constexpr std::size_t kRecent = 1024;
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  struct Recent {
    std::uint64_t page = kEmpty;
    std::uint32_t number = 0;
  };
  struct Slot {
    std::uint64_t key = kEmpty;
    std::uint32_t block = 0;  // index into blocks_; the first is of no page
  };

  struct alignas(64) Block {
    std::array<std::uint32_t, kBlock> numbers = {};  // plus one; 0: not seen
  };

  std::size_t home_of(std::uint64_t key) const {
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15 >> shift_);
  }
  // Where the key is, or the empty slot where it belongs.
  std::size_t slot_of(std::uint64_t key) const {
    std::size_t slot = home_of(key);
    while (slots_[slot].key != kEmpty && slots_[slot].key != key) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  PW_ALWAYS_INLINE std::uint32_t find(std::uint64_t page) {
    const Slot& slot = slots_[home_of(page / kBlock)];
    if (slot.key == page / kBlock) [[likely]] {
      const std::uint32_t number = blocks_[slot.block].numbers[page % kBlock];
      if (number != 0) [[likely]]
        return number - 1;
    }
    return find_or_add(page);
  }
  PW_NOINLINE std::uint32_t find_or_add(std::uint64_t page) {
    std::size_t slot = slot_of(page / kBlock);
    if (slots_[slot].key == kEmpty) {
      if (blocks_.size() * 4 >= slots_.size()) {
        grow();
        slot = slot_of(page / kBlock);
      }
      slots_[slot] = {page / kBlock, static_cast<std::uint32_t>(blocks_.size())};
      blocks_.push_back({});
    }
    std::uint32_t& number = blocks_[slots_[slot].block].numbers[page % kBlock];
    if (number == 0) {
      pages_.push_back(page);
      number = size();
    }
    return number - 1;
  }
  void grow() {
    LargeVector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    --shift_;
    for (const Slot& slot : old)
      if (slot.key != kEmpty) slots_[slot_of(slot.key)] = slot;
  }

  std::vector<Recent> recent_;
  LargeVector<Slot> slots_;
  unsigned shift_ = 64 - 10;  // of the hash
  LargeVector<Block> blocks_;
  LargeVector<std::uint64_t> pages_;
};

}  // namespace pw::analysis
