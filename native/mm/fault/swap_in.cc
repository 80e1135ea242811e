// SPDX-License-Identifier: MIT
#include "mm/fault/swap_in.h"

#include "mm/fault/copy_on_write.h"
#include "mm/fault/demand_zero.h"

namespace pw::mm {

namespace flag = paging::flag;

namespace {

// Maps the frame that is in the swap cache, or a copy of it if the page is stored to and others need the slot.
bool map_cached(SpaceFault& fault, SwapSlot slot, FrameIndex frame) {
  Kernel& kernel = fault.kernel();
  phys::FrameRecord& record = kernel.frames()[frame];
  record.set_references(record.references() + 1);  // ours until it is mapped
  fault.space.mapper().write(*fault.leaf, paging::Entry());
  fault.space.count_swapped(-1);
  kernel.swap().drop_reference(slot);
  const bool exclusive = kernel.is_exclusive(frame);
  bool mapped = true;
  if (exclusive || !fault.is_write() || fault.is_protected()) {
    std::uint64_t bits = fault.store_bits();
    if (!exclusive) bits &= ~flag::kWritable;
    fault.space.map(*fault.vma, fault.page(), *fault.leaf, frame, leaf::of(frame, *fault.vma).with(bits));
    kernel.make_evictable(frame, policy::Arrival::Fault);
  } else {
    mapped = map_copy(fault, frame);
    if (!mapped) {
      kernel.swap().add_reference(slot);
      fault.space.mapper().write(*fault.leaf, fault.entry);
      fault.space.count_swapped(1);
    }
  }
  kernel.drop_reference(frame);
  return mapped;
}

}  // namespace

FaultOutcome swap_in(SpaceFault& fault) {
  if (!leaf::is_swapped(fault.entry)) return FaultOutcome::Pass;
  Kernel& kernel = fault.kernel();
  const SwapSlot slot = SwapEntry::slot_of(fault.entry);
  if (slot == 0) {
    fault.space.unmap(*fault.vma, *fault.leaf);
    if (map_zeroed_frame(fault)) return fault.resolve(FaultReason::SwapIn, FaultOutcome::ResolvedMajor);
    fault.space.mapper().write(*fault.leaf, fault.entry);
    fault.space.count_swapped(1);
    return fault.out_of_memory();
  }
  if (const auto frame = kernel.swap().cached(slot)) {
    ++kernel.counters().swap_cache_hits;
    if (!map_cached(fault, slot, *frame)) return fault.out_of_memory();
    return fault.resolve(FaultReason::SwapCacheHit);
  }
  const auto read = kernel.read_slot(slot, {PageKind::Anonymous, fault.space.id(), fault.page().value()});
  if (!read) return fault.out_of_memory();
  fault.device_ns += read->device_ns;
  if (paging::Entry(*fault.leaf->slot) != fault.entry) {  // given up meanwhile, for this very frame
    kernel.release_unused(read->frame);
    return FaultOutcome::Retry;
  }
  if (!map_cached(fault, slot, read->frame)) return fault.out_of_memory();
  return fault.resolve(FaultReason::SwapIn, FaultOutcome::ResolvedMajor);
}

}  // namespace pw::mm
