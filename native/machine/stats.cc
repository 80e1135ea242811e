// SPDX-License-Identifier: MIT
#include "machine/stats.h"

namespace pw::machine {

CycleStats cycles_of(const Stats& stats, const CostTable& cost) {
  CycleStats cycles;
  for (const TlbStats& tlb : stats.tlbs)
    cycles.translation += tlb.hits * (tlb.level == 1 ? cost.l1_hit : cost.l2_hit);
  const std::uint64_t walking = stats.walks.references * cost.walk_reference;
  cycles.translation += walking;
  cycles.faults = stats.faults.minor * cost.minor_fault + stats.faults.major * cost.major_fault;
  cycles.invalidations = stats.invalidations * cost.invalidation;
  if (stats.walks.total != 0)
    cycles.mean_walk = static_cast<double>(walking) / static_cast<double>(stats.walks.total);
  return cycles;
}

Stats difference(const Stats& now, const Stats& before, const CostTable& cost) {
  Stats stats = now;
  for (std::size_t i = 0; i < stats.tlbs.size(); ++i) {
    stats.tlbs[i].hits -= before.tlbs[i].hits;
    stats.tlbs[i].misses -= before.tlbs[i].misses;
  }
  stats.walks.total -= before.walks.total;
  stats.walks.fetch -= before.walks.fetch;
  stats.walks.references -= before.walks.references;
  stats.walks.faulted -= before.walks.faulted;
  stats.walks.dirty_updates -= before.walks.dirty_updates;
  stats.faults.minor -= before.faults.minor;
  stats.faults.major -= before.faults.major;
  stats.faults.protection -= before.faults.protection;
  stats.replacement.evictions -= before.replacement.evictions;
  stats.replacement.writebacks -= before.replacement.writebacks;
  stats.accesses.accesses -= before.accesses.accesses;
  stats.accesses.fetches -= before.accesses.fetches;
  stats.invalidations -= before.invalidations;
  stats.cycles = cycles_of(stats, cost);
  return stats;
}

}  // namespace pw::machine
