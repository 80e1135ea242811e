// SPDX-License-Identifier: MIT
// Numbers for pages, so that whatever is known of a page is an array element. Pages come in blocks of 16 neighbors,
// which are numbered in the order of first appearance: a page's number is its block's, and its place there. So a
// look-up reads one slot of a hash table, arrays by page have a line of memory for a block, and streams, which have mostly
// neighbors, leave few numbers unused. Streams also stay with few pages at a time, which a small direct-mapped
// memory finds.
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
  PageNumbering() : recent_(kRecent), slots_(kFirstSlots) {}

  // Distinct pages so far.
  std::uint32_t pages() const { return pages_; }
  // Every number is below: 16 for a block of which any page came.
  std::uint64_t numbers() const { return keys_.size() * kBlock; }
  // REQUIRES: the number is a page's.
  std::uint64_t page(std::uint32_t number) const { return keys_[number / kBlock] * kBlock + number % kBlock; }

  // The page's number, a new one if it has none. REQUIRES: page < 2^63, pages of fewer than 2^28 blocks.
  PW_ALWAYS_INLINE std::uint32_t number_of(std::uint64_t page) {
    Recent& recent = recent_[page % kRecent];
    if (recent.page != page) recent = {page, find(page)};
    return recent.number;
  }
  // Before the numbers of pages are asked for, best of so many: brings what is likely not in a cache.
  static constexpr std::size_t kPrefetch = 64;
  PW_ALWAYS_INLINE void prefetch(std::span<const PageReference> references) const {
    if (slots_.size() <= kCachedSlots) return;
    for (const PageReference reference : references)
      touch(slots_[home_of((reference & ~kStoreBit) / kBlock)].block);
  }

 private:
  static constexpr std::uint64_t kBlock = 16;
  static constexpr std::size_t kFirstSlots = 1024;
  static constexpr std::size_t kCachedSlots = 8192;  // what second-level caches hold
  static constexpr std::size_t kRecent = 1024;
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  struct Recent {
    std::uint64_t page = kEmpty;
    std::uint32_t number = 0;
  };
  struct Slot {
    std::uint64_t key = kEmpty;
    std::uint32_t block = 0;
    std::uint32_t seen = 0;  // bit i: the block's i-th page came
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
    Slot* slot = &slots_[home_of(page / kBlock)];
    if (slot->key != page / kBlock) [[unlikely]]
      slot = &find_or_add(page / kBlock);
    const auto place = static_cast<std::uint32_t>(page % kBlock);
    pages_ += (slot->seen >> place & 1) ^ 1;
    slot->seen |= std::uint32_t{1} << place;
    return static_cast<std::uint32_t>(slot->block * kBlock + place);
  }
  PW_NOINLINE Slot& find_or_add(std::uint64_t key) {
    std::size_t slot = slot_of(key);
    if (slots_[slot].key == key) return slots_[slot];
    if ((keys_.size() + 1) * 2 > slots_.size()) {
      grow();
      slot = slot_of(key);
    }
    slots_[slot] = {key, static_cast<std::uint32_t>(keys_.size())};
    keys_.push_back(key);
    return slots_[slot];
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
  unsigned shift_ = 64 - 10;         // of the hash
  LargeVector<std::uint64_t> keys_;  // by block: its pages' numbers, without what says which of them
  std::uint32_t pages_ = 0;
};

}  // namespace pw::analysis
