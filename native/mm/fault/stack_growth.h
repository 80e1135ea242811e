// SPDX-License-Identifier: MIT
// An access below a stack: the stack grows down to it, unless that comes too near to another mapping (the guard
// gap) or passes a limit.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

// Whether the VMA grew down to the page. REQUIRES: it is the first VMA above the page and grows down.
bool grow_stack(AddressSpace& space, Vma& vma, VirtPage page);

FaultOutcome stack_growth(SpaceFault& fault);

}  // namespace pw::mm
