// SPDX-License-Identifier: MIT
// A reserved bit is set in an entry on the path: the tables are corrupt (Linux's pgtable_bad).
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

inline FaultOutcome reserved_bit(SpaceFault& fault) {
  if (!(fault.error_code & paging::error_code::kReserved)) return FaultOutcome::Pass;
  return fault.refuse(FaultReason::ReservedBit, SegvCode::AccErr);
}

}  // namespace pw::mm
