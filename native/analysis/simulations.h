// SPDX-License-Identifier: MIT
// The simulation of each policy of the table.
#pragma once

#include <memory>

#include "analysis/simulate.h"
#include "analysis/simulation.h"
#include "policy/replacement/registry.h"

namespace pw::analysis {

// Bounds know the references whatever `observe` says.
std::unique_ptr<AnySimulation> make_simulation(const policy::ParsedPolicy& policy, Observe observe,
                                               const Setting& setting);

}  // namespace pw::analysis
