// SPDX-License-Identifier: MIT
#include "stats/schema.h"

#include <algorithm>
#include <iterator>

namespace pw::stats {
namespace {

using enum StatUnit;

constexpr StatSpec kStatistics[] = {
    // What the lines of the trace held, before any selection.
    {"trace.records", Accesses, "trace lines that are accesses: fetches, loads, stores and modifies"},
    {"trace.instructions", Accesses, "fetches less those that repeat the fetch before them (rep steps)"},
    {"trace.fetches", Accesses, "lines that fetch an instruction"},
    {"trace.loads", Accesses, "lines that load data"},
    {"trace.stores", Accesses, "lines that store data"},
    {"trace.modifies", Accesses, "loads followed by a store to the same place, one line each"},
    {"trace.crossing", Accesses, "lines whose bytes lie in two 4 KiB pages"},
    // What the machine did with those that were selected.
    {"accesses.total", Accesses, "accesses simulated, a modify counted once"},
    {"accesses.fetches", Accesses, "of these, instruction fetches"},
    {"tlb.l1i.hits", Lookups, "lookups of the first-level instruction TLBs that found a translation"},
    {"tlb.l1i.misses", Lookups, "lookups of the first-level instruction TLBs that found none"},
    {"tlb.l1d.hits", Lookups, "lookups of the first-level data TLBs that found a translation"},
    {"tlb.l1d.misses", Lookups, "lookups of the first-level data TLBs that found none"},
    {"tlb.l2.hits", Lookups, "lookups of the second-level TLBs that found a translation"},
    {"tlb.l2.misses", Lookups, "lookups of the second-level TLBs that found none"},
    {"walks.total", Walks, "page-table walks that ended in a translation"},
    {"walks.fetch", Walks, "of these, walks for instruction fetches"},
    {"walks.references", References, "page-table entries read by walks that ended in a translation"},
    {"walks.faulted", Walks, "walks that ended in a page fault; not in total and references"},
    {"walks.dirtyUpdates", Events,
     "stores through a TLB entry that set the Dirty bit in memory, without a walk"},
    {"faults.total", Faults, "page faults: minor, major and protection, each counted once"},
    {"faults.minor", Faults, "first touches of a page, resolved without I/O"},
    {"faults.major", Faults, "touches of a page that had been evicted, resolved with I/O"},
    {"faults.protection", Faults, "accesses that the page's rights did not allow"},
    {"replacement.evictions", Pages, "pages that were taken out of memory to make room"},
    {"replacement.writebacks", Pages,
     "evicted pages that had been stored to since they were loaded or written back"},
    {"memory.frames", Frames, "4 KiB frames of physical memory"},
    {"memory.tableFrames", Frames, "frames that hold page tables"},
    {"memory.residentPages", Pages, "pages in memory at the end"},
    {"memory.peakResidentPages", Pages, "the most pages that were in memory at once"},
    {"cycles.translation", Cycles, "cost of TLB hits and walks by the cost table"},
    {"cycles.meanWalk", Cycles, "mean cost of a walk that ended in a translation"},
    {"cycles.faults", Cycles, "cost of page faults by the cost table"},
    {"cycles.invalidations", Cycles, "cost of invalidations by the cost table"},
    {"invalidations", Events, "invalidations of a page in the TLBs (INVLPG)"},
    // Measured on the host: the only values that differ from run to run.
    {"time.decodeSeconds", Seconds, "processor time of reading and decoding the trace"},
    {"time.simulateSeconds", Seconds, "time inside the machine"},
    {"time.wallSeconds", Seconds, "time from the start of the run to its end"},
    {"time.accessesPerSecond", PerSecond, "accesses simulated per second of time inside the machine"},
};

}  // namespace

std::string_view name_of(StatUnit unit) {
  constexpr std::string_view kNames[] = {"accesses", "lookups", "walks",  "references", "faults", "pages",
                                         "frames",   "events",  "cycles", "seconds",    "1/s"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(PerSecond) + 1);
  return kNames[static_cast<std::size_t>(unit)];
}

std::span<const StatSpec> statistics() { return kStatistics; }

const StatSpec* find_statistic(std::string_view path) {
  const auto found = std::find_if(std::begin(kStatistics), std::end(kStatistics),
                                  [&](const StatSpec& spec) { return spec.path == path; });
  return found == std::end(kStatistics) ? nullptr : found;
}

}  // namespace pw::stats
