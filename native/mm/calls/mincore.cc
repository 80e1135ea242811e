// SPDX-License-Identifier: MIT
// mincore(2).
#include "base/check.h"
#include "mm/calls/calls.h"

namespace pw::mm {
namespace {

bool is_resident(const AddressSpace& space, const Vma& vma, VirtPage page) {
  const auto leaf = space.find_leaf(page);
  const paging::Entry entry(leaf ? *leaf->slot : 0);
  if (leaf::is_resident(entry)) return true;
  if (leaf::is_swapped(entry)) {
    const SwapSlot slot = SwapEntry::slot_of(entry);
    return slot != 0 && space.kernel().swap().cached(slot).has_value();
  }
  return vma.object != nullptr && vma.object->page(vma.page_in_object(page)).is_frame();
}

}  // namespace

Errno mincore(AddressSpace& space, std::uint64_t address, std::uint64_t length,
              std::span<std::uint8_t> residency) {
  if (address % kFrameBytes != 0) return Errno::Einval;
  const std::uint64_t end = address_of(space.layout().user_end).value();
  if (length > end || address > end - length) return Errno::Enomem;
  const PageRange range = pages_of(address, page_align(length));
  PW_CHECK(residency.size() >= range.pages());
  for (VirtPage page = range.first; page < range.end; page = page + 1) {
    const Vma* vma = space.vmas().holding(page);
    if (vma == nullptr) return Errno::Enomem;
    residency[page.value() - range.first.value()] = is_resident(space, *vma, page);
  }
  return Errno::None;
}

}  // namespace pw::mm
