// SPDX-License-Identifier: MIT
#include "mm/fault/demand_zero.h"

namespace pw::mm {

namespace {

// Maps a zeroed frame, whose entry gets `bits` besides; false if no frame can be had.
PW_ALWAYS_INLINE bool map_zeroed(AddressSpace& space, Vma& vma, VirtPage page, const paging::Leaf& leaf,
                                 std::uint64_t bits) {
  Kernel& kernel = space.kernel();
  const auto frame = kernel.take_page(PageKind::Anonymous, space.id(), page.value());
  if (!frame) return false;
  space.join_family(vma);
  kernel.zero_page(*frame);
  ++kernel.counters().zeroed_pages;
  space.map(vma, page, leaf, *frame, leaf::of(*frame, vma).with(bits));
  kernel.make_evictable(*frame, policy::Arrival::Fault);
  return true;
}

}  // namespace

bool map_zeroed_frame(SpaceFault& fault) {
  return map_zeroed(fault.space, *fault.vma, fault.page(), *fault.leaf, fault.store_bits());
}

bool first_store(AddressSpace& space, VirtAddr address, PhysAddr entry) {
  constexpr std::uint32_t kCares = vm::kWrite | vm::kUserFaults;
  const VirtPage page = page_of(address);
  Vma* const vma = space.vmas().holding(page);
  if (vma == nullptr || (vma->flags & kCares) != vm::kWrite || !vma->is_anonymous()) return false;
  Kernel& kernel = space.kernel();
  std::uint64_t* const slot = kernel.memory().word(entry);
  if (slot == nullptr || *slot != 0 || !kernel.has_free_page()) return false;
  return map_zeroed(space, *vma, page, {slot, entry, paging::kPt},
                    paging::flag::kWritable | paging::flag::kDirty);
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
