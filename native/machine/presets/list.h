// SPDX-License-Identifier: MIT
// The presets, one function a file. `sources` of each names every array as tlb.<name>.<sizes>, every
// structure cache and every cost, with the document that gives the figure or the word "assumed".
#pragma once

#include "machine/config.h"

namespace pw::machine {

Preset intel_skylake_sp();
Preset intel_icelake_sp();
Preset intel_sapphirerapids();
Preset amd_zen2();
Preset amd_zen4();
Preset arm_neoverse_n1();

}  // namespace pw::machine
