// SPDX-License-Identifier: MIT
// The cost table: cycles charged for events. Defaults come with each preset, with their sources.
#pragma once

#include <cstdint>

namespace pw {

struct CostTable {
  std::uint32_t l1_hit = 0;           // beyond the pipelined access itself
  std::uint32_t l2_hit = 7;           // L1 TLB miss that hits the second level
  std::uint32_t walk_reference = 20;  // one page-table entry read
  std::uint32_t minor_fault = 1500;
  std::uint32_t major_fault = 250000;
  std::uint32_t invalidation = 200;  // one INVLPG
};

}  // namespace pw
