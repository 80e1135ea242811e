// SPDX-License-Identifier: MIT
#include "machine/system_stats.h"

namespace pw::machine {
namespace {

std::uint64_t table_frames(const mm::Kernel& kernel) {
  std::uint64_t frames = 0;
  kernel.for_each_space([&](mm::AddressSpace& space) { frames += space.mapper().table_count(); });
  return frames;
}

std::uint64_t sum(const std::array<std::uint64_t, kAccessKinds>& counts) {
  std::uint64_t all = 0;
  for (const std::uint64_t count : counts) all += count;
  return all;
}

}  // namespace

Stats stats_of(os::System& system, const CostTable& cost) {
  Stats stats;
  const os::Cpu& cpu = system.cpu();
  for (const auto& tlb : cpu.mmu().caches().tlbs().tlbs())
    stats.tlbs.push_back({tlb.name(), tlb.level(), tlb.lookups - tlb.misses, tlb.misses});
  const mmu::WalkCounters& walks = cpu.mmu().walks();
  stats.walks = {walks.total, walks.fetch, walks.references, walks.faulted, walks.dirty_updates};
  const os::FaultCounters faults = system.processes().faults();
  stats.faults = {faults.minor, faults.major, faults.refused};
  const mm::Kernel& kernel = system.kernel();
  const mm::KernelCounters& counters = kernel.counters();
  stats.replacement = {counters.evictions, counters.writebacks + counters.swap_outs};
  stats.memory = {kernel.frames().frames(), table_frames(kernel), counters.resident_pages,
                  counters.peak_resident_pages};
  stats.invalidations = cpu.counters().invalidations;
  stats.accesses = {sum(system.accesses()), system.accesses()[static_cast<std::size_t>(AccessKind::Fetch)]};
  stats.cycles = cycles_of(stats, cost);
  return stats;
}

BatchTotals totals_of(os::System& system) {
  const os::FaultCounters faults = system.processes().faults();
  BatchTotals totals{
      .lookups = sum(system.accesses()), .walks = system.cpu().mmu().walks().total, .faults = faults.total()};
  for (const auto& tlb : system.cpu().mmu().caches().tlbs().tlbs())
    if (tlb.level() == 1) totals.misses += tlb.misses;
  return totals;
}

}  // namespace pw::machine
