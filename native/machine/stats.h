// SPDX-License-Identifier: MIT
// What a machine has counted so far: the numbers of the result document.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/timing.h"

namespace pw::machine {

struct TlbStats {
  std::string name;
  unsigned level = 1;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};

struct WalkStats {
  std::uint64_t total = 0;          // walks that ended in a translation
  std::uint64_t fetch = 0;          // of these, for instruction fetches
  std::uint64_t references = 0;     // page-table entries that they read
  std::uint64_t faulted = 0;        // walks that ended in a fault
  std::uint64_t dirty_updates = 0;  // stores that set D through a TLB entry, without a walk
};

struct FaultStats {
  std::uint64_t minor = 0;
  std::uint64_t major = 0;
  std::uint64_t protection = 0;
};

struct ReplacementStats {
  std::uint64_t evictions = 0;
  std::uint64_t writebacks = 0;
};

struct MemoryStats {
  std::uint64_t frames = 0;
  std::uint64_t table_frames = 0;
  std::uint64_t resident_pages = 0;
  std::uint64_t peak_resident_pages = 0;
};

// First-level look-ups: accesses as simulated, after selection, --modify and --crossing.
struct AccessStats {
  std::uint64_t accesses = 0;
  std::uint64_t fetches = 0;
};

struct CycleStats {
  std::uint64_t translation = 0;  // L1 and L2 hits and walks
  std::uint64_t faults = 0;
  std::uint64_t invalidations = 0;
  double mean_walk = 0;
};

struct Stats {
  std::vector<TlbStats> tlbs;
  WalkStats walks;
  FaultStats faults;
  ReplacementStats replacement;
  MemoryStats memory;
  AccessStats accesses;
  CycleStats cycles;
  std::uint64_t invalidations = 0;
};

// Counters so far that cost nothing to read.
struct BatchTotals {
  std::uint64_t lookups = 0;  // of the first level
  std::uint64_t misses = 0;   // of the first level
  std::uint64_t walks = 0;
  std::uint64_t faults = 0;
};

CycleStats cycles_of(const Stats& stats, const CostTable& cost);
// What was counted between two readings of one machine; memory is as it is now.
Stats difference(const Stats& now, const Stats& before, const CostTable& cost);

}  // namespace pw::machine
