// SPDX-License-Identifier: MIT
// Accesses that a first level has served or made room for, and that nobody behind it knows of yet.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/check.h"
#include "tlb/way_choice.h"

namespace pw::machine {

struct Route;

class MissLog {
 public:
  struct Miss {
    VirtAddr address;
    tlb::Time at;
    // When what stood in the way was used last; kNothing: nothing stood there; kHeld: the way had the page already, but
    // perhaps without the rights that the access needs.
    tlb::Time displaced_use;
    std::uint64_t* way;  // of the first level, by the place of its tag
    Route* route;
  };
  static constexpr tlb::Time kNothing = 0;
  static constexpr tlb::Time kHeld = ~tlb::Time{0};
  static constexpr std::size_t kCapacity = 64;

  MissLog() = default;
  MissLog(const MissLog&) = delete;
  MissLog& operator=(const MissLog&) = delete;

  bool is_empty() const { return next_ == misses_.data(); }
  std::span<const Miss> misses() const { return {misses_.data(), next_}; }
  // The next one, to be written field by field: what is copied right after it was written in pieces is waited for.
  // REQUIRES: the log is not full.
  Miss& next() {
    PW_DCHECK(next_ != misses_.data() + kCapacity);
    return *next_;
  }
  // True if the log is full now.
  bool add_next() { return ++next_ == misses_.data() + kCapacity; }

  // The page's D was set for one of these accesses, of which first levels were not told.
  void note_dirty(VirtAddr address) { dirtied_[dirtied_count_++] = address; }
  std::span<const VirtAddr> dirtied() const { return {dirtied_.data(), dirtied_count_}; }

  void clear() {
    next_ = misses_.data();
    dirtied_count_ = 0;
  }

 private:
  std::array<Miss, kCapacity> misses_;
  Miss* next_ = misses_.data();
  std::array<VirtAddr, kCapacity> dirtied_;
  std::size_t dirtied_count_ = 0;
};

}  // namespace pw::machine
