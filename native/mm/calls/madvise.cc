// SPDX-License-Identifier: MIT
// madvise(2).
#include <algorithm>

#include "mm/calls/calls.h"
#include "mm/fault/chain.h"
#include "mm/fault/object_page.h"

namespace pw::mm {
namespace {

using paging::Entry;
namespace flag = paging::flag;

// Flags that an advice changes; nothing for those that act on pages.
std::optional<std::uint32_t> advised_flags(const Vma& vma, std::uint64_t advice) {
  switch (advice) {
    case abi::kNormal: return vma.flags & ~(vm::kRandom | vm::kSequential);
    case abi::kSequential: return (vma.flags & ~vm::kRandom) | vm::kSequential;
    case abi::kRandom: return (vma.flags & ~vm::kSequential) | vm::kRandom;
    case abi::kDontFork: return vma.flags | vm::kDontFork;
    case abi::kDoFork: return vma.flags & ~vm::kDontFork;
    case abi::kWipeOnFork: return vma.flags | vm::kWipeOnFork;
    case abi::kKeepOnFork: return vma.flags & ~vm::kWipeOnFork;
    case abi::kDontDump: return vma.flags | vm::kDontDump;
    case abi::kDoDump: return vma.flags & ~vm::kDontDump;
    case abi::kMergeable: return vma.is_anonymous() ? vma.flags | vm::kMergeable : vma.flags;
    case abi::kUnmergeable: return vma.flags & ~vm::kMergeable;
    case abi::kHugePage: return (vma.flags & ~vm::kNoHugePage) | vm::kHugePage;
    case abi::kNoHugePage: return (vma.flags & ~vm::kHugePage) | vm::kNoHugePage;
    default: return std::nullopt;
  }
}

Errno change_flags(AddressSpace& space, Vma& vma, PageRange part, std::uint64_t advice) {
  if (advice == abi::kWipeOnFork && !vma.is_anonymous()) return Errno::Einval;
  Area wanted = vma;
  wanted.flags = *advised_flags(vma, advice);
  return space.change(vma, part, wanted) != nullptr ? Errno::None : Errno::Enomem;
}

// MADV_FREE: what is stored there is not needed, but stays until memory is short or somebody stores again.
void free_lazily(AddressSpace& space, PageRange part) {
  Kernel& kernel = space.kernel();
  PendingFlush flush(kernel.translations(), space.id());
  space.for_each_leaf(part, [&](VirtPage page, const paging::Leaf& leaf) {
    const Entry entry(*leaf.slot);
    const Vma& vma = *space.vmas().holding(page);
    if (leaf::is_empty(entry)) return;
    flush.add(page);
    if (leaf::is_swapped(entry) || leaf::is_zero_page(entry)) return space.unmap(vma, leaf);
    const FrameIndex frame = leaf::frame_of(entry);
    if (kernel.record(frame).kind != PageKind::Anonymous || !kernel.is_exclusive(frame)) return;
    kernel.leave_swap_cache(frame);
    kernel.frames()[frame].set_dirty(false);
    kernel.record(frame).is_lazily_free = true;
    space.mapper().write(leaf, entry.without(flag::kDirty | flag::kAccessed));
    kernel.make_evictable(frame, policy::Arrival::Unpinned);
  });
}

// MADV_COLD makes pages look unused, MADV_PAGEOUT evicts them; neither touches what others use as well.
void make_cold(AddressSpace& space, PageRange part, bool evict) {
  Kernel& kernel = space.kernel();
  space.for_each_leaf(part, [&](VirtPage, const paging::Leaf& leaf) {
    const Entry entry(*leaf.slot);
    if (!leaf::has_frame(entry)) return;
    const FrameIndex frame = leaf::frame_of(entry);
    const std::uint32_t others = kernel.record(frame).kind == PageKind::Anonymous ? 1 : 2;
    if (kernel.frames()[frame].references() > others) return;
    if (evict)
      (void)kernel.evict(frame);
    else
      space.mapper().write(leaf, entry.without(flag::kAccessed));
  });
}

// MADV_WILLNEED: pages of objects come into the page cache, swapped ones into frames; failures are silent.
void read_ahead(AddressSpace& space, const Vma& vma, PageRange part) {
  if (vma.is_anonymous())
    return space.for_each_leaf(part, [&](VirtPage page, const paging::Leaf& leaf) {
      if (leaf::is_swapped(Entry(*leaf.slot)) && vma.flags & vm::kRights) (void)fault_in(space, page, false);
    });
  const std::uint64_t end = std::min(vma.page_in_object(part.end), vma.object->pages());
  for (std::uint64_t page = vma.page_in_object(part.first); page < end; ++page) {
    if (space.kernel().allocator().free_count() == 0) return;
    if (vma.object->kind() == ObjectKind::File || vma.object->page(page).is_slot())
      (void)frame_of_object(space.kernel(), *vma.object, page);
  }
}

// MADV_REMOVE: the object has a hole here.
Errno punch_hole(AddressSpace& space, const Vma& vma, PageRange part) {
  if (vma.has(vm::kLocked) || vma.is_anonymous()) return Errno::Einval;
  if (!vma.has(vm::kShared | vm::kMayWrite)) return Errno::Eacces;
  space.kernel().drop_pages(*vma.object, vma.page_in_object(part.first), vma.page_in_object(part.end));
  return Errno::None;
}

Errno populate_as(AddressSpace& space, const Vma& vma, PageRange part, bool write) {
  const std::uint32_t needed = write ? vm::kWrite : vm::kRead;
  if (!(vma.flags & needed)) return Errno::Einval;
  for (VirtPage page = part.first; page < part.end; page = page + 1) {
    const FaultOutcome outcome = fault_in(space, page, write);
    if (outcome == FaultOutcome::OutOfMemory) return Errno::Enomem;
    if (outcome == FaultOutcome::BusError) return Errno::Efault;
    if (outcome == FaultOutcome::SegmentationFault) return Errno::Einval;
  }
  return Errno::None;
}

Errno advise_part(AddressSpace& space, Vma& vma, PageRange part, std::uint64_t advice) {
  switch (advice) {
    case abi::kWillNeed: read_ahead(space, vma, part); return Errno::None;
    case abi::kDontNeed:
      if (vma.has(vm::kLocked)) return Errno::Einval;
      space.zap(vma, part);
      return Errno::None;
    case abi::kDontNeedLocked: space.zap(vma, part); return Errno::None;
    case abi::kFree:
      if (vma.has(vm::kLocked) || !vma.is_anonymous()) return Errno::Einval;
      free_lazily(space, part);
      return Errno::None;
    case abi::kRemove: return punch_hole(space, vma, part);
    case abi::kCold:
    case abi::kPageOut:
      if (vma.has(vm::kLocked)) return Errno::Einval;
      make_cold(space, part, advice == abi::kPageOut);
      return Errno::None;
    case abi::kPopulateRead: return populate_as(space, vma, part, false);
    case abi::kPopulateWrite: return populate_as(space, vma, part, true);
    default: return change_flags(space, vma, part, advice);
  }
}

bool is_known(std::uint64_t advice) {
  return advice <= abi::kDontNeed || (advice >= abi::kFree && advice <= abi::kDontNeedLocked);
}

}  // namespace

Errno madvise(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t advice) {
  if (!is_known(advice) || address % kFrameBytes != 0) return Errno::Einval;
  const std::uint64_t bytes = page_align(length);
  if ((length != 0 && bytes == 0) || address + bytes < address) return Errno::Einval;
  if (bytes == 0) return Errno::None;
  const PageRange range = pages_of(address, bytes);
  Errno holes = Errno::None;
  VirtPage at = range.first;
  while (at < range.end) {
    Vma* const vma = space.vmas().find(at);
    if (vma == nullptr) return Errno::Enomem;
    if (at < vma->range.first) {
      holes = Errno::Enomem;
      at = vma->range.first;
      const bool stops = advice == abi::kPopulateRead || advice == abi::kPopulateWrite;
      if (at >= range.end || stops) break;
    }
    const PageRange part{at, std::min(vma->range.end, range.end)};
    if (const Errno error = advise_part(space, *vma, part, advice); error != Errno::None) return error;
    at = part.end;
  }
  return holes;
}

}  // namespace pw::mm
