// SPDX-License-Identifier: MIT
// A store to a page of a private mapping that others use too: the process gets a copy of its own. If nobody else
// uses it any more, it is the process's own already.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

FaultOutcome copy_on_write(SpaceFault& fault);

// Maps a private copy of the frame's content, with R/W and Dirty; false if no frame can be had.
// REQUIRES: fault.leaf maps nothing; the frame has a reference that stays.
bool map_copy(SpaceFault& fault, FrameIndex original);

}  // namespace pw::mm
