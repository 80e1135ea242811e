// SPDX-License-Identifier: MIT
// First touch of anonymous memory: a read maps the page of zeros, a store a zeroed frame.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

FaultOutcome demand_zero(SpaceFault& fault);

// Maps a zeroed frame of the page's own, with R/W if the VMA has it; false if no frame can be had.
// REQUIRES: fault.leaf maps nothing.
bool map_zeroed_frame(SpaceFault& fault);

// What the chain would do about the commonest fault of all, in one line: a user's store to a page of private anonymous
// memory whose entry, at this address, is the first of its tables that is not present. True: that was it, and the chain
// would have said DemandZero, minor. False: nothing was done; the chain decides.
bool first_store(AddressSpace& space, VirtAddr address, PhysAddr entry);

}  // namespace pw::mm
