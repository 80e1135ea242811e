// SPDX-License-Identifier: MIT
// msync(2).
#include <algorithm>

#include "mm/calls/calls.h"

namespace pw::mm {

Errno msync(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t flags) {
  constexpr std::uint64_t kKnown = abi::kMsAsync | abi::kMsInvalidate | abi::kMsSync;
  if ((flags & ~kKnown) || address % kFrameBytes != 0) return Errno::Einval;
  if ((flags & abi::kMsAsync) && (flags & abi::kMsSync)) return Errno::Einval;
  const std::uint64_t bytes = page_align(length);
  if (address + bytes < address) return Errno::Enomem;
  if (bytes == 0) return Errno::None;
  const PageRange range = pages_of(address, bytes);
  Errno holes = Errno::None;
  VirtPage at = range.first;
  for (const Vma* vma = space.vmas().find(at);; vma = vma->next) {
    if (vma == nullptr) return Errno::Enomem;
    if (at < vma->range.first) {
      if (flags == abi::kMsAsync) return Errno::Enomem;
      at = vma->range.first;
      if (at >= range.end) return Errno::Enomem;
      holes = Errno::Enomem;
    }
    if ((flags & abi::kMsInvalidate) && vma->has(vm::kLocked)) return Errno::Ebusy;
    const VirtPage end = std::min(vma->range.end, range.end);
    if ((flags & abi::kMsSync) && vma->has(vm::kShared) && vma->object->kind() == ObjectKind::File)
      for (VirtPage page = at; page < end; page = page + 1)
        (void)space.kernel().write_back(*vma->object, vma->page_in_object(page));
    at = end;
    if (at >= range.end) return holes;
  }
}

}  // namespace pw::mm
