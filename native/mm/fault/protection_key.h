// SPDX-License-Identifier: MIT
// The rights of the thread's protection-key register refuse the access, whatever the entry says.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

inline FaultOutcome protection_key(SpaceFault& fault) {
  if (!(fault.error_code & paging::error_code::kProtectionKey)) return FaultOutcome::Pass;
  return fault.refuse(FaultReason::ProtectionKey, SegvCode::PkuErr);
}

}  // namespace pw::mm
