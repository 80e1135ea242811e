// SPDX-License-Identifier: MIT
// The hook that may refuse a page, asked before anything is done for it (mm/hooks.h).
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

// REQUIRES: there are hooks.
PW_NOINLINE FaultOutcome ask_for_mapping(SpaceFault& fault);

inline FaultOutcome mapping_hook(SpaceFault& fault) {
  return fault.kernel().hooks() == nullptr ? FaultOutcome::Pass : ask_for_mapping(fault);
}

}  // namespace pw::mm
