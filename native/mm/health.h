// SPDX-License-Identifier: MIT
// Invariants of all memory together: every frame accounted for, none mapped without a reference, reverse map,
// tables, swap slots and objects in agreement.
#pragma once

#include <string>
#include <vector>

#include "mm/kernel.h"

namespace pw::mm {

// Each violation is one sentence. Empty: healthy. Costs O(frames + slots + entries).
std::vector<std::string> validate(Kernel& kernel);

}  // namespace pw::mm
