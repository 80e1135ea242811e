// SPDX-License-Identifier: MIT
// Bringing pages in ahead of accesses: MAP_POPULATE, mlock, MADV_WILLNEED (Linux's populate_vma_page_range).
#include "mm/calls/calls.h"
#include "mm/fault/chain.h"

namespace pw::mm {

Errno populate(AddressSpace& space, PageRange range) {
  for (VirtPage page = range.first; page < range.end; page = page + 1) {
    const Vma* vma = space.vmas().holding(page);
    if (vma == nullptr) return Errno::Efault;
    if (vma->has(vm::kLockOnFault)) continue;  // as Linux's populate_vma_page_range
    const bool write = (vma->flags & (vm::kWrite | vm::kShared)) == vm::kWrite;
    const FaultOutcome outcome = fault_in(space, page, write);
    if (outcome == FaultOutcome::OutOfMemory) return Errno::Enomem;
    if (outcome == FaultOutcome::SegmentationFault || outcome == FaultOutcome::BusError) return Errno::Efault;
  }
  return Errno::None;
}

}  // namespace pw::mm
