// SPDX-License-Identifier: MIT
#include "mm/fault/copy_on_write.h"

#include "mm/fault/demand_zero.h"

namespace pw::mm {

namespace flag = paging::flag;
using paging::Entry;

bool map_copy(SpaceFault& fault, FrameIndex original) {
  Kernel& kernel = fault.kernel();
  kernel.lock_page(original);  // it may not be what makes room for its copy
  const auto frame = kernel.take_page(PageKind::Anonymous, fault.space.id(), fault.page().value());
  kernel.unlock_page(original);
  if (!frame) return false;
  fault.space.join_family(*fault.vma);
  kernel.copy_page(original, *frame);
  ++kernel.counters().copied_pages;
  fault.space.map(*fault.vma, fault.page(), *fault.leaf, *frame,
                  leaf::of(*frame, *fault.vma).with(fault.store_bits() | flag::kDirty));
  kernel.make_evictable(*frame, policy::Arrival::Fault);
  return true;
}

namespace {

// REQUIRES: the page is mapped in a frame of its own.
FaultOutcome break_sharing(SpaceFault& fault) {
  Kernel& kernel = fault.kernel();
  const FrameIndex original = leaf::frame_of(fault.entry);
  if (fault.vma->has(vm::kShared) ||
      (kernel.record(original).kind == PageKind::Anonymous && kernel.is_exclusive(original))) {
    ++kernel.counters().reused_pages;
    fault.space.mapper().write(*fault.leaf,
                               fault.entry.with(flag::kWritable | flag::kAccessed | flag::kDirty));
    return fault.resolve(FaultReason::CopyOnWrite);
  }
  phys::FrameRecord& record = kernel.frames()[original];
  record.set_references(record.references() + 1);
  fault.space.unmap(*fault.vma, *fault.leaf);
  const bool copied = map_copy(fault, original);
  if (!copied) fault.space.map(*fault.vma, fault.page(), *fault.leaf, original, fault.entry);
  kernel.drop_reference(original);
  return copied ? fault.resolve(FaultReason::CopyOnWrite) : fault.out_of_memory();
}

}  // namespace

FaultOutcome copy_on_write(SpaceFault& fault) {
  if (!fault.is_write() || !leaf::is_resident(fault.entry)) return FaultOutcome::Pass;
  FaultOutcome outcome;
  if (leaf::is_zero_page(fault.entry)) {
    fault.space.unmap(*fault.vma, *fault.leaf);
    outcome = map_zeroed_frame(fault) ? fault.resolve(FaultReason::CopyOnWrite) : fault.out_of_memory();
  } else {
    outcome = break_sharing(fault);
  }
  fault.kernel().translations().forget(fault.space.id(), fault.page());
  return outcome;
}

}  // namespace pw::mm
