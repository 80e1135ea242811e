// SPDX-License-Identifier: MIT
#include "mm/fault/demand_zero.h"

namespace pw::mm {

namespace flag = paging::flag;

bool map_zeroed_frame(SpaceFault& fault) {
  Kernel& kernel = fault.kernel();
  const auto frame = kernel.take_page(PageKind::Anonymous, fault.space.id(), fault.page().value());
  if (!frame) return false;
  fault.space.join_family(*fault.vma);
  kernel.zero_page(*frame);
  ++kernel.counters().zeroed_pages;
  const std::uint64_t writable = fault.vma->has(vm::kWrite) ? flag::kWritable : 0;
  const std::uint64_t dirty = fault.is_write() ? flag::kDirty : 0;
  fault.space.map(*fault.vma, fault.page(), *fault.leaf, *frame,
                  leaf::of(*frame, *fault.vma).with(writable | dirty));
  kernel.make_evictable(*frame, policy::Arrival::Fault);
  return true;
}

FaultOutcome demand_zero(SpaceFault& fault) {
  if (!fault.vma->is_anonymous() || fault.entry.bits() != 0) return FaultOutcome::Pass;
  Kernel& kernel = fault.kernel();
  if (!fault.is_write() && kernel.config().zero_page) {
    const paging::Entry zeros = leaf::of(kernel.zero_frame(), *fault.vma).with(leaf::kZeroPage);
    fault.space.mapper().write(*fault.leaf, zeros);
    return fault.resolve(FaultReason::DemandZero);
  }
  if (!map_zeroed_frame(fault)) return fault.out_of_memory();
  return fault.resolve(FaultReason::DemandZero);
}

}  // namespace pw::mm
