// SPDX-License-Identifier: MIT
// ftruncate(2) of what is mapped: pages behind the new end leave every process, private copies included.
#include <vector>

#include "mm/calls/calls.h"

namespace pw::mm {
namespace {

// Whatever VMAs show of the object from a page on is unmapped.
void unmap_from(Kernel& kernel, const VmObject& object, std::uint64_t first) {
  kernel.for_each_space([&](AddressSpace& space) {
    for (const Vma* vma = space.vmas().first(); vma != nullptr; vma = vma->next) {
      if (vma->object.get() != &object || vma->offset + vma->range.pages() <= first) continue;
      const VirtPage from = first <= vma->offset ? vma->range.first : vma->page_at(first);
      space.zap(*vma, {from, vma->range.end});
    }
  });
}

// The rest of the page that holds the new end reads as zero.
void zero_tail(Kernel& kernel, const VmObject& object, std::uint64_t bytes) {
  const std::uint64_t kept = bytes % kFrameBytes;
  const PagePlace place = object.page(bytes / kFrameBytes);
  if (kept == 0 || !place.is_frame() || !kernel.config().contents) return;
  const std::vector<std::byte> zeros(kFrameBytes - kept);
  kernel.memory().write(PhysAddr(address_of(place.frame()).value() + kept), zeros);
}

}  // namespace

Errno truncate(Kernel& kernel, VmObject& object, std::uint64_t bytes) {
  if (bytes >= 1ull << 63) return Errno::Einval;
  const std::uint64_t before = object.bytes();
  object.set_bytes(bytes);
  if (bytes >= before) return Errno::None;
  const std::uint64_t first = object.pages();
  unmap_from(kernel, object, first);
  kernel.drop_pages(object, first, ~0ull);
  object.cut_stored(bytes);
  zero_tail(kernel, object, bytes);
  return Errno::None;
}

}  // namespace pw::mm
