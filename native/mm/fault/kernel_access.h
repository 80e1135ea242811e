// SPDX-License-Identifier: MIT
// A user's access to an address that is not the user's.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

inline FaultOutcome kernel_access(SpaceFault& fault) {
  if (fault.page() < fault.space.layout().user_end) return FaultOutcome::Pass;
  return fault.refuse(FaultReason::KernelAccess, SegvCode::MapErr);
}

}  // namespace pw::mm
