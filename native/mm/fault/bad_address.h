// SPDX-License-Identifier: MIT
// No VMA holds the page.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

// REQUIRES: fault.vma is the first VMA that ends above the page.
inline FaultOutcome bad_address(SpaceFault& fault) {
  if (fault.vma != nullptr && fault.vma->range.first <= fault.page()) return FaultOutcome::Pass;
  return fault.refuse(FaultReason::BadAddress, SegvCode::MapErr);
}

}  // namespace pw::mm
