// SPDX-License-Identifier: MIT
// Where in host memory recently walked page tables stand, for prefetching only: nothing that is
// simulated depends on it, a stale hint costs a cache line.
#pragma once

#include <array>
#include <cstdint>

#include "base/check.h"
#include "paging/level.h"
#include "paging/walker.h"

namespace pw::mmu {

class TableHints {
 public:
  void note(VirtAddr address, const paging::WalkResult& walk) {
    if (walk.level != paging::kPt) return;
    Hint& hint = hints_[region_of(address) % kHints];
    hint = {region_of(address), walk.slot - paging::index_of(address, paging::kPt)};
  }
  PW_ALWAYS_INLINE void prefetch(VirtAddr address) const {
    const Hint& hint = hints_[region_of(address) % kHints];
    if (hint.region == region_of(address)) PW_PREFETCH(hint.table + paging::index_of(address, paging::kPt));
  }

 private:
  static constexpr std::size_t kHints = 1024;
  static constexpr std::uint64_t kNoRegion = ~0ull;

  // The 2 MiB that one table translates.
  static std::uint64_t region_of(VirtAddr address) { return address.value() >> paging::shift_of(paging::kPd); }

  struct Hint {
    std::uint64_t region = kNoRegion;
    const std::uint64_t* table = nullptr;
  };
  std::array<Hint, kHints> hints_{};
};

}  // namespace pw::mmu
