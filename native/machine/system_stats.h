// SPDX-License-Identifier: MIT
// What a system of processes has counted, as the numbers of the result document.
#pragma once

#include "machine/stats.h"
#include "os/system.h"

namespace pw::machine {

// Faults that a signal or a lack of memory ended are `protection`; writebacks are pages stored to files or swap.
Stats stats_of(os::System& system, const CostTable& cost);
BatchTotals totals_of(os::System& system);

}  // namespace pw::machine
