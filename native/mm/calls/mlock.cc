// SPDX-License-Identifier: MIT
// mlock(2), mlock2, munlock, mlockall and munlockall.
#include <algorithm>

#include "mm/calls/calls.h"

namespace pw::mm {

Vma* set_locked(AddressSpace& space, Vma& vma, PageRange range, std::uint32_t lock_flags) {
  Area wanted = vma;
  wanted.flags = (vma.flags & ~vm::kLockMask) | lock_flags;
  const bool was_locked = vma.has(vm::kLocked);
  const bool is_locked = (lock_flags & vm::kLocked) != 0;
  Vma* const changed = space.change(vma, range, wanted);
  if (changed == nullptr || was_locked == is_locked) return changed;
  Kernel& kernel = space.kernel();
  space.for_each_leaf(range, [&](VirtPage, const paging::Leaf& leaf) {
    const paging::Entry entry(*leaf.slot);
    if (!leaf::has_frame(entry)) return;
    if (is_locked)
      kernel.lock_page(leaf::frame_of(entry));
    else
      kernel.unlock_page(leaf::frame_of(entry));
  });
  return changed;
}

namespace {

bool may_lock_at_all(const AddressSpace& space) {
  return space.limits().may_lock_any || space.limits().locked != 0;
}

// Changes every VMA of a range. ENOMEM: it has holes (what lies before one is changed), or too many VMAs.
Errno set_locked(AddressSpace& space, PageRange range, std::uint32_t lock_flags) {
  VirtPage at = range.first;
  while (at < range.end) {
    Vma* const vma = space.vmas().holding(at);
    if (vma == nullptr) return Errno::Enomem;
    const PageRange part{at, std::min(vma->range.end, range.end)};
    if (set_locked(space, *vma, part, lock_flags) == nullptr) return Errno::Enomem;
    at = part.end;
  }
  return Errno::None;
}

std::uint64_t pages_locked(const AddressSpace& space, PageRange range) {
  std::uint64_t pages = 0;
  for (const Vma* vma = space.vmas().find(range.first); vma != nullptr && vma->range.first < range.end;
       vma = vma->next)
    if (vma->has(vm::kLocked)) pages += vma->range.intersection(range).pages();
  return pages;
}

struct Span {
  std::uint64_t first;
  std::uint64_t bytes;
};
// The pages that the bytes lie in.
Span whole_pages(std::uint64_t address, std::uint64_t length) {
  return {address & ~(kFrameBytes - 1), page_align(length + address % kFrameBytes)};
}

}  // namespace

Errno mlock(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t flags) {
  if (flags & ~abi::kMlockOnFault) return Errno::Einval;
  if (!may_lock_at_all(space)) return Errno::Eperm;
  const Span span = whole_pages(address, length);
  const PageRange range = pages_of(span.first, span.bytes);
  if (!space.limits().may_lock_any) {
    const std::uint64_t limit = space.limits().locked / kFrameBytes;
    std::uint64_t locked = space.counters().locked + range.pages();
    if (locked > limit) locked -= pages_locked(space, range);
    if (locked > limit) return Errno::Enomem;
  }
  if (span.first + span.bytes < span.first) return Errno::Einval;
  const bool on_fault = (flags & abi::kMlockOnFault) != 0;
  const std::uint32_t lock_flags = vm::kLocked | (on_fault ? vm::kLockOnFault : 0);
  if (const Errno error = set_locked(space, range, lock_flags); error != Errno::None) return error;
  if (on_fault) return Errno::None;
  const Errno error = populate(space, range);
  if (error == Errno::Efault) return Errno::Enomem;
  return error == Errno::Enomem ? Errno::Eagain : error;
}

Errno munlock(AddressSpace& space, std::uint64_t address, std::uint64_t length) {
  const Span span = whole_pages(address, length);
  if (span.first + span.bytes < span.first) return Errno::Einval;
  return set_locked(space, pages_of(span.first, span.bytes), 0);
}

Errno mlockall(AddressSpace& space, std::uint64_t flags) {
  constexpr std::uint64_t kKnown = abi::kMclCurrent | abi::kMclFuture | abi::kMclOnFault;
  if (flags == 0 || (flags & ~kKnown) || flags == abi::kMclOnFault) return Errno::Einval;
  if (!may_lock_at_all(space)) return Errno::Eperm;
  const bool locks_now = (flags & abi::kMclCurrent) != 0;
  if (locks_now && !space.limits().may_lock_any &&
      space.counters().total > space.limits().locked / kFrameBytes)
    return Errno::Enomem;
  const std::uint32_t lock_flags = vm::kLocked | (flags & abi::kMclOnFault ? vm::kLockOnFault : 0);
  space.set_default_flags(flags & abi::kMclFuture ? lock_flags : 0);
  if (!locks_now) return Errno::None;
  for (Vma* vma = space.vmas().first(); vma != nullptr; vma = vma->next) {
    const PageRange range = vma->range;
    Vma* const changed = set_locked(space, *vma, range, lock_flags);
    vma = changed != nullptr ? changed : space.vmas().holding(range.first);
    if (!(lock_flags & vm::kLockOnFault)) (void)populate(space, range);
  }
  return Errno::None;
}

Errno munlockall(AddressSpace& space) {
  space.set_default_flags(0);
  for (Vma* vma = space.vmas().first(); vma != nullptr; vma = vma->next) {
    const PageRange range = vma->range;
    Vma* const changed = set_locked(space, *vma, range, 0);
    vma = changed != nullptr ? changed : space.vmas().holding(range.first);
  }
  return Errno::None;
}

}  // namespace pw::mm
