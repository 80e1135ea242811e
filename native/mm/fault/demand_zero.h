// SPDX-License-Identifier: MIT
// First touch of anonymous memory: a read maps the page of zeros, a store a zeroed frame.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

FaultOutcome demand_zero(SpaceFault& fault);

// Maps a zeroed frame of the page's own, with R/W if the VMA has it; false if no frame can be had.
// REQUIRES: fault.leaf maps nothing.
bool map_zeroed_frame(SpaceFault& fault);

}  // namespace pw::mm
