// SPDX-License-Identifier: MIT
// Every counter of machine::Stats by name, so that two readings are compared in one place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "machine/stats.h"

namespace pw::test {

struct Counter {
  std::string_view tlb;  // empty: of the machine
  std::string_view name;
  std::uint64_t value = 0;
  friend bool operator==(const Counter&, const Counter&) = default;
};
using Counters = std::vector<Counter>;

// Valid as long as `stats`.

inline Counters counters_of(const machine::Stats& stats) {
  Counters counters = {
      {"", "walks.total", stats.walks.total},
      {"", "walks.fetch", stats.walks.fetch},
      {"", "walks.references", stats.walks.references},
      {"", "walks.faulted", stats.walks.faulted},
      {"", "walks.dirtyUpdates", stats.walks.dirty_updates},
      {"", "faults.minor", stats.faults.minor},
      {"", "faults.major", stats.faults.major},
      {"", "faults.protection", stats.faults.protection},
      {"", "replacement.evictions", stats.replacement.evictions},
      {"", "replacement.writebacks", stats.replacement.writebacks},
      {"", "memory.frames", stats.memory.frames},
      {"", "memory.tableFrames", stats.memory.table_frames},
      {"", "memory.residentPages", stats.memory.resident_pages},
      {"", "memory.peakResidentPages", stats.memory.peak_resident_pages},
      {"", "accesses", stats.accesses.accesses},
      {"", "accesses.fetches", stats.accesses.fetches},
      {"", "cycles.translation", stats.cycles.translation},
      {"", "cycles.faults", stats.cycles.faults},
      {"", "cycles.invalidations", stats.cycles.invalidations},
      {"", "invalidations", stats.invalidations},
  };
  for (const machine::TlbStats& tlb : stats.tlbs) {
    counters.push_back({tlb.name, " hits", tlb.hits});
    counters.push_back({tlb.name, " misses", tlb.misses});
  }
  return counters;
}

// The counters that differ, as "name: ours, theirs"; empty if none.
inline std::string differences(const machine::Stats& ours, const machine::Stats& theirs) {
  const Counters left = counters_of(ours), right = counters_of(theirs);
  if (left.size() != right.size()) return "different numbers of TLBs";
  std::string text;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i] != right[i])
      text += std::string(left[i].tlb) + std::string(left[i].name) + ": " + std::to_string(left[i].value) +
              ", " + std::to_string(right[i].value) + "; ";
  return text;
}

}  // namespace pw::test
