// SPDX-License-Identifier: MIT
// What a core says of itself.
#pragma once

#include "machine/core/core.h"
#include "machine/health.h"

namespace pw::machine {

template <class Ways>
Stats Core<Ways>::stats() const {
  Stats stats;
  const auto& tlbs = parts_->mmu.tlbs();
  for (const auto& tlb : tlbs.tlbs()) {
    std::uint64_t lookups = tlb.lookups;
    for (unsigned kind = 0; kind < kAccessKinds; ++kind) {
      const auto& path = tlbs.path(static_cast<AccessKind>(kind));
      if (!path.is_empty() && &path[0] == &tlb) lookups += lookups_[kind];
    }
    stats.tlbs.push_back({tlb.name(), tlb.level(), lookups - tlb.misses, tlb.misses});
  }
  const mmu::WalkCounters& walks = parts_->mmu.walks();
  stats.walks = {walks.total, walks.fetch, walks.references, walks.faulted, walks.dirty_updates};
  stats.faults = faults_;
  const mm::PagerCounters& pager = parts_->pager.counters();
  stats.replacement = {pager.evictions, pager.writebacks};
  stats.memory = {parts_->allocator.usable_frames(), parts_->mapper.table_count(), pager.resident_pages,
                  pager.peak_resident_pages};
  stats.invalidations = invalidations_;
  for (std::uint64_t lookups : lookups_) stats.accesses.accesses += lookups;
  stats.accesses.fetches = lookups_[static_cast<unsigned>(AccessKind::Fetch)];
  stats.cycles = cycles_of(stats, config_.cost);
  return stats;
}

template <class Ways>
BatchTotals Core<Ways>::totals() const {
  BatchTotals totals{.walks = parts_->mmu.walks().total, .faults = faults()};
  for (const std::uint64_t lookups : lookups_) totals.lookups += lookups;
  for (const auto& tlb : parts_->mmu.tlbs().tlbs())
    if (tlb.level() == 1) totals.misses += tlb.misses;
  return totals;
}

template <class Ways>
HealthReport Core<Ways>::health() const {
  return machine::health(
      HealthView{.memory = parts_->memory,
                 .frames = parts_->frames,
                 .allocator = parts_->allocator,
                 .mapper = parts_->mapper,
                 .resident_pages = parts_->pager.counters().resident_pages,
                 .page_size = config_.page_size},
      parts_->mmu.structure_caches(), [this](const auto& visit) {
        for (const auto& tlb : parts_->mmu.tlbs().tlbs())
          tlb.for_each([&](tlb::Tag tag, tlb::Entry entry, Time) { visit(tlb.name(), tag, entry); });
      });
}

// Whether every invariant holds, where it is time to look; if not the access under way is refused.
template <class Ways>
bool Core<Ways>::is_healthy() {
  const std::uint64_t resolved = faults_.minor + faults_.major;
  if (resolved % config_.validate_every != 0) return true;
  auto found = violation_of(health(), resolved);
  return !found || refuse(std::move(*found));
}

}  // namespace pw::machine
