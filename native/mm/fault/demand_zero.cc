// SPDX-License-Identifier: MIT
#include "mm/fault/demand_zero.h"

namespace pw::mm {

namespace {

// A zeroed frame for the page; nothing if none can be had.
PW_ALWAYS_INLINE phys::MaybeFrame take_zeroed(AddressSpace& space, VirtPage page) {
  Kernel& kernel = space.kernel();
  const auto frame = kernel.take_page(PageKind::Anonymous, space.id(), page.value());
  if (!frame) return std::nullopt;
  kernel.zero_page(*frame);
  ++kernel.counters().zeroed_pages;
  return frame;
}

}  // namespace

bool map_zeroed_frame(SpaceFault& fault) {
  AddressSpace& space = fault.space;
  const auto frame = take_zeroed(space, fault.page());
  if (!frame) return false;
  space.join_family(*fault.vma);
  space.map(*fault.vma, fault.page(), *fault.leaf, *frame,
            leaf::of(*frame, *fault.vma).with(fault.store_bits()));
  fault.kernel().make_evictable(*frame, policy::Arrival::Fault);
  return true;
}

bool first_store(AddressSpace& space, VirtAddr address, PhysAddr entry) {
  const VirtPage page = page_of(address);
  const VmaDigest vma = space.vmas_unsettled().digest_holding(page);
  if (!vma.takes_stores()) return false;
  Kernel& kernel = space.kernel();
  std::uint64_t* const slot = kernel.memory().word(entry);
  if (slot == nullptr || *slot != 0 || !kernel.has_free_page()) return false;
  const auto frame = take_zeroed(space, page);
  if (!frame) return false;
  space.join_family(vma, page);
  space.map_unlocked(page, {slot, entry, paging::kPt}, *frame, leaf::of_stored(*frame, vma));
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
