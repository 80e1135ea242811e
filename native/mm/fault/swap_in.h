// SPDX-License-Identifier: MIT
// The page was evicted: it is read from its slot, or found in a frame that somebody else read it into. A page that
// nobody ever stored to has no slot and comes back as zeros; that counts as major as well (docs/reference/counting.md).
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

FaultOutcome swap_in(SpaceFault& fault);

}  // namespace pw::mm
