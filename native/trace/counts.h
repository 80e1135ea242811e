// SPDX-License-Identifier: MIT
// What a trace's lines hold, counted while they are decoded. SEMANTICS: docs/reference/counting.md.
#pragma once

#include <cstdint>

namespace pw::trace {

struct TraceCounts {
  std::uint64_t records = 0;       // lines that are accesses: fetches + loads + stores + modifies
  std::uint64_t instructions = 0;  // fetches less those that repeat the fetch before them (rep steps)
  std::uint64_t fetches = 0;
  std::uint64_t loads = 0;
  std::uint64_t stores = 0;
  std::uint64_t modifies = 0;
  std::uint64_t crossing = 0;  // lines that cross a 4 KiB boundary
};

}  // namespace pw::trace
