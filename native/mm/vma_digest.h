// SPDX-License-Identifier: MIT
// What a leaf of the tree says of a VMA in two bytes: all that the first store to a page of anonymous memory asks of it.
// Among many VMAs the records are in none of the host's near caches; the leaves are small enough to be.
#pragma once

#include <algorithm>
#include <cstdint>

#include "mm/vma.h"

namespace pw::mm {

class VmaDigest {
 public:
  VmaDigest() = default;  // of no VMA
  VmaDigest(const Area& area, std::uint64_t gap_below) : bits_(bits_of(area)) { set_gap(gap_below); }

  // A store may come, and a page that is nowhere becomes a zeroed frame and nothing more: private and anonymous memory
  // without a handler of the process's own, a lock or a protection key.
  bool takes_stores() const { return (bits_ & kTakesStores) != 0; }
  bool is_executable() const { return (bits_ & kExecutable) != 0; }
  bool has_family() const { return (bits_ & kHasFamily) != 0; }
  void add_family() { bits_ |= kHasFamily; }

  // Free pages below; kMostGap stands for that many or more.
  std::uint64_t gap() const { return bits_ >> kGapShift; }
  void set_gap(std::uint64_t pages) {
    const auto kept = static_cast<unsigned>(std::min(pages, kMostGap));
    bits_ = static_cast<std::uint16_t>((bits_ & ((1u << kGapShift) - 1)) | kept << kGapShift);
  }

  friend bool operator==(VmaDigest, VmaDigest) = default;

  static constexpr std::uint64_t kMostGap = (1u << 13) - 1;

 private:
  static constexpr unsigned kTakesStores = 1;
  static constexpr unsigned kExecutable = 2;
  static constexpr unsigned kHasFamily = 4;
  static constexpr unsigned kGapShift = 3;

  static std::uint16_t bits_of(const Area& area) {
    constexpr std::uint32_t kCares = vm::kWrite | vm::kUserFaults | vm::kLocked;
    const bool takes_stores =
        (area.flags & kCares) == vm::kWrite && area.is_anonymous() && area.protection_key == 0;
    return static_cast<std::uint16_t>((takes_stores ? kTakesStores : 0) |
                                      (area.has(vm::kExec) ? kExecutable : 0) |
                                      (area.anon.id != 0 ? kHasFamily : 0));
  }

  std::uint16_t bits_ = 0;
};

}  // namespace pw::mm
