// SPDX-License-Identifier: MIT
// The entry allows the access already: a TLB was behind.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

inline FaultOutcome spurious(SpaceFault& fault) {
  if (!fault.entry.is_present() || (fault.is_write() && !fault.entry.is_writable()))
    return FaultOutcome::Pass;
  if (fault.is_fetch() && fault.entry.is_no_execute()) return FaultOutcome::Pass;
  fault.kernel().translations().forget(fault.space.id(), fault.page());
  return fault.resolve(FaultReason::Spurious, FaultOutcome::Retry);
}

}  // namespace pw::mm
