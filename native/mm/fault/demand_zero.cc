// SPDX-License-Identifier: MIT
#include "mm/fault/demand_zero.h"

namespace pw::mm {

bool map_zeroed_frame(SpaceFault& fault) {
  Kernel& kernel = fault.kernel();
  const auto frame = kernel.take_page(PageKind::Anonymous, fault.space.id(), fault.page().value());
  if (!frame) return false;
  fault.space.join_family(*fault.vma);
  kernel.zero_page(*frame);
  ++kernel.counters().zeroed_pages;
  fault.space.map(*fault.vma, fault.page(), *fault.leaf, *frame,
                  leaf::of(*frame, *fault.vma).with(fault.store_bits()));
  kernel.make_evictable(*frame, policy::Arrival::Fault);
  return true;
}

FaultOutcome demand_zero(SpaceFault& fault) {
  if (!fault.vma->is_anonymous() || !leaf::is_empty(fault.entry)) return FaultOutcome::Pass;
  Kernel& kernel = fault.kernel();
  if (!fault.is_write() && kernel.config().zero_page) {
    const std::uint64_t bits = leaf::kZeroPage | (fault.is_protected() ? leaf::kUserProtected : 0);
    fault.space.mapper().write(*fault.leaf, leaf::of(kernel.zero_frame(), *fault.vma).with(bits));
    return fault.resolve(FaultReason::DemandZero);
  }
  if (!map_zeroed_frame(fault)) return fault.out_of_memory();
  return fault.resolve(FaultReason::DemandZero);
}

}  // namespace pw::mm
