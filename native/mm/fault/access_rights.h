// SPDX-License-Identifier: MIT
// The VMA does not allow the access. On x86 a page that may be written or executed may be read.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

inline FaultOutcome access_rights(SpaceFault& fault) {
  const std::uint32_t rights = fault.vma->flags & vm::kRights;
  if (rights == 0) return fault.refuse(FaultReason::GuardPage, SegvCode::AccErr);
  if (fault.is_write() && !(rights & vm::kWrite))
    return fault.refuse(FaultReason::WriteToReadOnly, SegvCode::AccErr);
  if (fault.is_fetch() && !(rights & vm::kExec))
    return fault.refuse(FaultReason::ExecuteOfNoExecute, SegvCode::AccErr);
  return FaultOutcome::Pass;
}

}  // namespace pw::mm
