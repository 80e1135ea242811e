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

FaultForecast forecast(const AddressSpace& space, VirtAddr address, std::uint32_t error_code);

}  // namespace pw::mm
