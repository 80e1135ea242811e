// SPDX-License-Identifier: MIT
// Invariants of all memory together: every frame accounted for, none mapped without a reference, reverse map,
// tables, swap slots and objects in agreement.
#pragma once

#include <string>
#include <vector>

#include "base/health_report.h"
#include "mm/kernel.h"

namespace pw::mm {

// The checks "frames", "page tables", "address spaces", "references", "reverse map", "shared objects", "swap slots",
// "replacement" and "promises". Costs O(frames + slots in use + entries).
HealthReport health(Kernel& kernel);
// What they found, each violation one sentence. Empty: healthy.
inline std::vector<std::string> validate(Kernel& kernel) { return problems_of(health(kernel)); }

}  // namespace pw::mm
