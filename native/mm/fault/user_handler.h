// SPDX-License-Identifier: MIT
// Faults of ranges that the process handles itself (userfaultfd(2)): its handler is called, and the access waits until
// the page is there, or may be stored to. The order is that of Linux's do_anonymous_page, shmem_fault and do_wp_page.
#pragma once

#include "mm/fault/space_fault.h"
#include "mm/user_faults.h"

namespace pw::mm {

// Which of the process's faults it is; nothing where it is not the handler's. REQUIRES: `vma` and `entry` are found.
std::optional<UserFaultKind> user_fault_kind(const SpaceFault& fault);

// REQUIRES: the VMA has one of vm::kUserFaults.
PW_NOINLINE FaultOutcome hand_to_user(SpaceFault& fault);

inline FaultOutcome user_handler(SpaceFault& fault) {
  return fault.vma->flags & vm::kUserFaults ? hand_to_user(fault) : FaultOutcome::Pass;
}

}  // namespace pw::mm
