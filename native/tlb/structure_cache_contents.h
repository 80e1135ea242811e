// SPDX-License-Identifier: MIT
// What the paging-structure caches hold, entry by entry, for people who look. Nothing here is a use of an entry.
#pragma once

#include "tlb/structure_cache.h"

namespace pw::tlb {

// An upper entry that a structure cache holds.
struct CachedUpper {
  paging::Level level = paging::kPd;  // of the entry
  VirtAddr address;                   // the first one that it serves
  Asid asid;
  Entry upper;

  bool serves(VirtAddr other) const {
    constexpr std::uint64_t kMask = (1ull << kMaxVirtBits) - 1;
    return ((address.value() ^ other.value()) & kMask) >> paging::shift_of(level) == 0;
  }
};

// Calls visit(CachedUpper) for each entry, by cache the most recent first.
template <class Visit>
void for_each_upper(const StructureCaches& caches, Visit visit) {
  constexpr unsigned kAsidShift = StructureCaches::kAsidShift;
  caches.for_each([&](std::uint64_t tag, paging::Level level, Entry upper) {
    const std::uint64_t number = tag & ((1ull << kAsidShift) - 1);
    const VirtAddr address = sign_extend(number << paging::shift_of(level), kMaxVirtBits);
    visit(CachedUpper{level, address, Asid(tag >> kAsidShift), upper});
  });
}

// Where a walk of the address would start: as StructureCaches::start, without refreshing anything.
inline paging::WalkStart peek_start(const StructureCaches& caches, VirtAddr address, Asid asid,
                                    paging::WalkStart root) {
  paging::WalkStart start = root;
  for_each_upper(caches, [&](const CachedUpper& cached) {
    if (cached.asid == asid && cached.serves(address) && cached.level <= start.level)
      start = {cached.level - 1, cached.upper};
  });
  return start;
}

}  // namespace pw::tlb
