// SPDX-License-Identifier: MIT
// What a page fault will turn out to be, before the chain decides; nothing changes. Where limits or a lack of memory
// come in between, the chain says something else.
#pragma once

#include "mm/fault/handler.h"
#include "mm/fault/space_fault.h"

namespace pw::mm {

struct FaultForecast {
  FaultReason reason = FaultReason::BadAddress;
  FaultKind kind = FaultKind::Protection;
};

// Of the fault only space, address and error code matter.
FaultForecast forecast(SpaceFault fault);

}  // namespace pw::mm
