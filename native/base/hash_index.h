// SPDX-License-Identifier: MIT
// Finds records by 64-bit keys that the records themselves hold: the index has 8 bytes a slot, 32 bits of
// the key's hash and the record's number, and asks its owner only where the hash agrees. Open addressing,
// linear probing, at most half full, no tombstones (a removal moves the entries behind it back). Grows as
// needed, never shrinks; amortized constant time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace pw {

class HashIndex {
 public:
  HashIndex() : slots_(kFirstSlots) {}

  static constexpr std::uint32_t kNone = 0;

  std::size_t size() const { return size_; }
  // Always inline: compilers drop calls of what only prefetches.
  PW_ALWAYS_INLINE void prefetch(std::uint64_t key) const { PW_PREFETCH(&slots_[home_of(tag_of(key))]); }

  // The number under which the key was inserted, or kNone. `key_of` gives the key of a record's number.
  template <class KeyOf>
  std::uint32_t find(std::uint64_t key, KeyOf key_of) const {
    return slots_[slot_of(key, key_of)].number;
  }
  // REQUIRES: the key is not there, number != kNone.
  void insert(std::uint64_t key, std::uint32_t number) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    place({tag_of(key), number});
    ++size_;
  }
  // The number that was found, or kNone.
  template <class KeyOf>
  std::uint32_t remove(std::uint64_t key, KeyOf key_of) {
    const std::size_t slot = slot_of(key, key_of);
    const std::uint32_t number = slots_[slot].number;
    if (number == kNone) return kNone;
    close(slot);
    --size_;
    return number;
  }

 private:
  static constexpr std::size_t kFirstSlots = 16;
  struct Slot {
    std::uint32_t tag = 0;  // the high bits of the hash
    std::uint32_t number = kNone;
  };

  std::size_t mask() const { return slots_.size() - 1; }
  // Fibonacci hashing: the high bits of the product depend on all of the key, and neighbors lie apart.
  static std::uint32_t tag_of(std::uint64_t key) {
    return static_cast<std::uint32_t>(key * 0x9e3779b97f4a7c15 >> 32);
  }
  std::size_t home_of(std::uint32_t tag) const { return tag >> shift_; }

  // Where the key is, or the empty slot where it belongs.
  template <class KeyOf>
  std::size_t slot_of(std::uint64_t key, KeyOf key_of) const {
    const std::uint32_t tag = tag_of(key);
    std::size_t slot = home_of(tag);
    while (slots_[slot].number != kNone && (slots_[slot].tag != tag || key_of(slots_[slot].number) != key))
      slot = (slot + 1) & mask();
    return slot;
  }
  void place(Slot entry) {
    std::size_t slot = home_of(entry.tag);
    while (slots_[slot].number != kNone) slot = (slot + 1) & mask();
    slots_[slot] = entry;
  }
  void close(std::size_t hole) {
    for (std::size_t slot = (hole + 1) & mask(); slots_[slot].number != kNone; slot = (slot + 1) & mask()) {
      // An entry may move back to the hole unless its home lies behind it.
      if (((slot - home_of(slots_[slot].tag)) & mask()) < ((slot - hole) & mask())) continue;
      slots_[hole] = slots_[slot];
      hole = slot;
    }
    slots_[hole] = {};
  }
  void grow() {
    PW_CHECK(shift_ > 1);
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    --shift_;
    for (const Slot& entry : old)
      if (entry.number != kNone) place(entry);
  }

  std::vector<Slot> slots_;
  unsigned shift_ = 32 - std::countr_zero(kFirstSlots);
  std::size_t size_ = 0;
};

}  // namespace pw
