// SPDX-License-Identifier: MIT
// mprotect(2) and pkey_mprotect(2).
#include <algorithm>

#include "mm/calls/calls.h"
#include "mm/calls/entry_rights.h"

namespace pw::mm {

using paging::Entry;

namespace {

void rewrite_entries(AddressSpace& space, const Vma& vma, PageRange range) {
  PendingFlush flush(space.kernel().translations(), space.id());
  space.for_each_leaf(range, [&](VirtPage page, const paging::Leaf& leaf) {
    const Entry entry(*leaf.slot);
    if (!leaf::is_resident(entry)) return;
    const Entry changed = with_rights(space.kernel(), vma, entry);
    if (changed == entry) return;
    space.mapper().write(leaf, changed);
    flush.add(page);
  });
}

// A part of a VMA gets other rights: Linux's mprotect_fixup.
Errno change_part(AddressSpace& space, Vma& vma, PageRange range, const Area& wanted) {
  const std::uint32_t before = vma.flags;
  Area area = wanted;
  std::uint64_t charged = 0;
  if (area.flags == before && area.protection_key == vma.protection_key) return Errno::None;
  if (area.flags & vm::kWrite) {
    if (!space.may_expand(area.flags, range.pages()) && space.may_expand(before, range.pages()))
      return Errno::Enomem;
    if (!(before & (vm::kAccounted | vm::kWrite | vm::kShared | vm::kNoReserve))) {
      charged = range.pages();
      if (!space.charge(charged)) return Errno::Enomem;
      area.flags |= vm::kAccounted;
    }
  } else if ((before & vm::kAccounted) && vma.is_anonymous() && vma.anon.id == 0) {
    area.flags &= ~vm::kAccounted;
  }
  const bool released = (before & vm::kAccounted) && !(area.flags & vm::kAccounted);
  Vma* const changed = space.change(vma, range, area);
  if (changed == nullptr) {
    space.kernel().commit().uncharge(charged);
    return Errno::Enomem;
  }
  if (released) space.kernel().commit().uncharge(range.pages());
  rewrite_entries(space, *changed, range);
  const bool became_writable = (area.flags & vm::kWrite) && !(before & vm::kWrite);
  if (became_writable && (before & vm::kLockMask) == vm::kLocked && !(area.flags & vm::kShared))
    (void)populate(space, range);
  return Errno::None;
}

struct Protection {
  std::uint64_t rights = 0;
  std::optional<std::uint8_t> key = std::nullopt;
};

Errno protect(AddressSpace& space, PageRange range, const Protection& wanted) {
  Vma* vma = space.vmas().holding(range.first);
  VirtPage at = range.first;
  while (at < range.end) {
    if (vma == nullptr || vma->range.first > at) return Errno::Enomem;
    const PageRange part{at, std::min(vma->range.end, range.end)};
    Area area = *vma;
    if (wanted.key) area.protection_key = *wanted.key;
    area.flags = (vma->flags & ~vm::kRights) | (static_cast<std::uint32_t>(wanted.rights) & vm::kRights);
    if ((area.flags & ~(area.flags >> vm::kMayShift)) & vm::kRights) return Errno::Eacces;
    if (const Errno error = change_part(space, *vma, part, area); error != Errno::None) return error;
    at = part.end;
    vma = space.vmas().holding(at);
  }
  return Errno::None;
}

Errno check_and_protect(AddressSpace& space, std::uint64_t address, std::uint64_t length,
                        std::uint64_t protection, std::optional<std::uint8_t> key) {
  constexpr std::uint64_t kGrows = abi::kProtGrowsDown | abi::kProtGrowsUp;
  constexpr std::uint64_t kKnown = abi::kProtRead | abi::kProtWrite | abi::kProtExec | abi::kProtSem;
  const std::uint64_t grows = protection & kGrows;
  const std::uint64_t rights = protection & ~kGrows;
  if (grows == kGrows || address % kFrameBytes != 0) return Errno::Einval;
  if (length == 0) return Errno::None;
  const std::uint64_t bytes = page_align(length);
  if (address + bytes <= address) return Errno::Enomem;
  if (rights & ~kKnown) return Errno::Einval;
  PageRange range = pages_of(address, bytes);
  const Vma* first = space.vmas().find(range.first);
  if (first == nullptr || first->range.first >= range.end) return Errno::Enomem;
  if (grows == abi::kProtGrowsDown) {
    if (!first->has(vm::kGrowsDown)) return Errno::Einval;
    range.first = first->range.first;
  } else if (first->range.first > range.first) {
    return Errno::Enomem;
  } else if (grows == abi::kProtGrowsUp) {
    return Errno::Einval;  // no VMA grows up on x86-64
  }
  return protect(space, range, {rights, key});
}

}  // namespace

Errno mprotect(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t protection) {
  return check_and_protect(space, address, length, protection, std::nullopt);
}

Errno pkey_mprotect(AddressSpace& space, std::uint64_t address, std::uint64_t length,
                    std::uint64_t protection, std::uint64_t key) {
  if (key > 15) return Errno::Einval;
  return check_and_protect(space, address, length, protection, static_cast<std::uint8_t>(key));
}

}  // namespace pw::mm
