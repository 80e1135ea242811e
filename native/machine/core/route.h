// SPDX-License-Identifier: MIT
// Where accesses of one kind go in the usual case: a filtered first level and one further level, both true LRU.
#pragma once

#include <cstdint>

#include "mmu/grant.h"
#include "mmu/hit_filter.h"
#include "paging/walker.h"
#include "tlb/lru_sets.h"

namespace pw::machine {

struct Route {
  tlb::SetMemory first;  // no ways: the case is not usual
  tlb::SetMemory second;
  // Of the first level's lanes: the one that serves the kind, the other one, and one that a page serves if it serves the
  // kind (for stores that of loads; it may be the first).
  mmu::Lane* own = nullptr;
  mmu::Lane* other = nullptr;
  mmu::Lane* weaker = nullptr;
  AccessKind kind = AccessKind::Fetch;
  mmu::Grant grant;
  paging::Walker::Settled settled_leaf;  // what find_settled() asks
  // Not yet with the counters of TLBs and walks.
  std::uint64_t misses = 0;   // of the first level, all of them look-ups of the second
  std::uint64_t settled = 0;  // Mmu::find_settled, all of them misses of the second

  PW_ALWAYS_INLINE void forget(std::int64_t page) const {
    const std::size_t slot = mmu::slot_of(page);
    own->forget(slot, page);
    other->forget(slot, page);
  }
  // The first level holds the page and is expected to grant the kind's accesses.
  PW_ALWAYS_INLINE void expect(std::int64_t page, tlb::Time* use) const {
    const std::size_t slot = mmu::slot_of(page);
    own->template set<mmu::Frames::Unused>(slot, page, use, 0);
    weaker->template set<mmu::Frames::Unused>(slot, page, use, 0);
  }
  // The first level holds the page, which grants the kind's accesses.
  template <mmu::Frames kFrames>
  PW_ALWAYS_INLINE void remember(std::int64_t page, tlb::Entry entry, tlb::Time* use,
                                 std::uint64_t frame) const {
    const std::size_t slot = mmu::slot_of(page);
    own->template set<kFrames>(slot, page, use, frame);
    other->template set<kFrames>(slot, other->grant.allows(entry) ? page : mmu::kNoPage, use, frame);
  }
};

}  // namespace pw::machine
