// SPDX-License-Identifier: MIT
// Dense numbers for page numbers, in the order of first appearance, so that whatever is known of a page
// is an array element. Pages are found by blocks of 16, which share a line of memory: one hash slot
// serves 16 neighbours, and streams have mostly neighbours.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"

namespace pw::analysis {

class PageNumbering {
 public:
  PageNumbering() : slots_(kFirstSlots) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(pages_.size()); }
  std::uint64_t page(std::uint32_t number) const { return pages_[number]; }

  // The page's number, a new one if it has none. REQUIRES: fewer than 2^32 - 1 pages.
  PW_ALWAYS_INLINE std::uint32_t number_of(std::uint64_t page) {
    const Slot& slot = slots_[slot_of(page / kBlock)];
    if (slot.block != 0) {
      const std::uint32_t number = blocks_[slot.block - 1][page % kBlock];
      if (number != 0) return number - 1;
    }
    return add(page);
  }
  // Before the numbers of several pages are asked for: brings what is likely not in a cache.
  void prefetch(std::span<const std::uint64_t> pages) const {
    if (slots_.size() <= kCachedSlots) return;
    for (const std::uint64_t page : pages) PW_PREFETCH(&slots_[home_of(page / kBlock)]);
    for (const std::uint64_t page : pages) {
      const Slot& slot = slots_[home_of(page / kBlock)];
      if (slot.block != 0) PW_PREFETCH(&blocks_[slot.block - 1]);
    }
  }

 private:
  static constexpr std::uint64_t kBlock = 16;
  static constexpr std::size_t kFirstSlots = 1024;
  static constexpr std::size_t kCachedSlots = 1024;  // with their blocks: what first-level caches hold
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t block = 0;  // index into blocks_, plus one; 0: empty
  };

  std::size_t home_of(std::uint64_t key) const {
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15 >> shift_);
  }
  PW_ALWAYS_INLINE std::size_t slot_of(std::uint64_t key) const {
    std::size_t slot = home_of(key);
    while (slots_[slot].block != 0 && slots_[slot].key != key) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  PW_NOINLINE std::uint32_t add(std::uint64_t page) {
    std::size_t slot = slot_of(page / kBlock);
    if (slots_[slot].block == 0) {
      if (blocks_.size() * 2 >= slots_.size()) {
        grow();
        slot = slot_of(page / kBlock);
      }
      blocks_.push_back({});
      slots_[slot] = {page / kBlock, static_cast<std::uint32_t>(blocks_.size())};
    }
    pages_.push_back(page);
    blocks_[slots_[slot].block - 1][page % kBlock] = size();
    return size() - 1;
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    --shift_;
    for (const Slot& slot : old)
      if (slot.block != 0) slots_[slot_of(slot.key)] = slot;
  }

  std::vector<Slot> slots_;
  unsigned shift_ = 64 - 10;                               // of the hash
  std::vector<std::array<std::uint32_t, kBlock>> blocks_;  // numbers plus one; 0: not seen
  std::vector<std::uint64_t> pages_;
};

}  // namespace pw::analysis
