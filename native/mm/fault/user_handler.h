// SPDX-License-Identifier: MIT
// Faults of ranges that the process handles itself (userfaultfd(2)): its handler is called, and the access waits until
// the page is there, or may be stored to. The order is that of Linux's do_anonymous_page, shmem_fault and do_wp_page.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

// REQUIRES: the VMA has one of vm::kUserFaults.
PW_NOINLINE FaultOutcome hand_to_user(SpaceFault& fault);

inline FaultOutcome user_handler(SpaceFault& fault) {
  return fault.vma->flags & vm::kUserFaults ? hand_to_user(fault) : FaultOutcome::Pass;
}

}  // namespace pw::mm
