// SPDX-License-Identifier: MIT
#include "mm/fault/object_page.h"

#include <array>

#include "mm/fault/copy_on_write.h"

namespace pw::mm {

namespace flag = paging::flag;

namespace {

void read_file(Kernel& kernel, const VmObject& object, std::uint64_t page, FrameIndex frame) {
  ++kernel.counters().file_reads;
  if (!kernel.config().contents) return;
  std::array<std::byte, kFrameBytes> bytes;
  object.read_stored(page, bytes);
  kernel.memory().write(address_of(frame), bytes);
}

}  // namespace

std::optional<ObjectFrame> frame_of_object(Kernel& kernel, VmObject& object, std::uint64_t page) {
  const PagePlace place = object.page(page);
  if (place.is_frame()) return ObjectFrame{place.frame()};
  ObjectFrame found;
  if (place.is_slot()) {
    const auto read = kernel.read_slot(place.slot(), {object.page_kind(), object.number(), page});
    if (!read) return std::nullopt;
    found = {read->frame, true, read->device_ns};
    kernel.swap().drop_reference(place.slot());
  } else {
    const auto frame = kernel.take_page(object.page_kind(), object.number(), page);
    if (!frame) return std::nullopt;
    found.frame = *frame;
    found.was_read = object.kind() == ObjectKind::File;
    if (found.was_read) {
      found.device_ns = kernel.config().file_read_ns;
      read_file(kernel, object, page, *frame);
    } else {
      kernel.zero_page(*frame);
      ++kernel.counters().zeroed_pages;
    }
  }
  kernel.frames()[found.frame].set_references(1);
  object.set_page(page, PagePlace::in(found.frame));
  kernel.make_evictable(found.frame, policy::Arrival::Fault);
  return found;
}

FaultOutcome object_page(SpaceFault& fault) {
  Kernel& kernel = fault.kernel();
  Vma& vma = *fault.vma;
  const bool needs_copy = fault.is_write() && !vma.has(vm::kShared);
  if (needs_copy) fault.space.join_family(vma);  // as Linux, even where there is no page to copy
  const std::uint64_t page = vma.page_in_object(fault.page());
  if (page >= vma.object->pages()) {
    fault.reason = FaultReason::BeyondObject;
    return FaultOutcome::BusError;
  }
  const auto found = frame_of_object(kernel, *vma.object, page);
  if (!found) return fault.out_of_memory();
  fault.device_ns += found->device_ns;
  const FaultOutcome outcome = found->was_read ? FaultOutcome::ResolvedMajor : FaultOutcome::ResolvedMinor;
  if (needs_copy) {
    if (!map_copy(fault, found->frame)) return fault.out_of_memory();
    return fault.resolve(FaultReason::FileRead, outcome);
  }
  std::uint64_t bits = fault.store_bits();
  if (!vma.has(vm::kShared)) bits &= ~flag::kWritable;
  fault.space.map(vma, fault.page(), *fault.leaf, found->frame, leaf::of(found->frame, vma).with(bits));
  return fault.resolve(FaultReason::FileRead, outcome);
}

}  // namespace pw::mm
