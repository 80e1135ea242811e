// SPDX-License-Identifier: MIT
// Which ranges a handler has, and which of their pages it protects from stores.
#include "mm/calls/user_range.h"

#include <algorithm>
#include <optional>

#include "mm/calls/calls.h"
#include "mm/calls/entry_rights.h"

namespace pw::mm {
namespace {

using paging::Entry;
using paging::Leaf;

std::optional<std::uint32_t> flags_of(std::uint64_t mode) {
  constexpr std::uint64_t kKnown = abi::kRegisterMissing | abi::kRegisterWriteProtect | abi::kRegisterMinor;
  if (mode == 0 || (mode & ~kKnown)) return std::nullopt;
  std::uint32_t flags = 0;
  if (mode & abi::kRegisterMissing) flags |= vm::kUserMissing;
  if (mode & abi::kRegisterWriteProtect) flags |= vm::kUserWriteProtect;
  if (mode & abi::kRegisterMinor) flags |= vm::kUserMinor;
  return flags;
}

// Linux's vma_can_userfault: files on a device are not handled.
bool may_have(const Vma& vma, std::uint32_t flags) {
  if (vma.is_anonymous()) return !(flags & vm::kUserMinor);
  return vma.object->kind() == ObjectKind::SharedMemory;
}

// Every VMA of the range passes, and there is one. Errors: those of check, ENOMEM and EINVAL where there is none.
template <class Check>
Errno check_vmas(const AddressSpace& space, PageRange range, Check check) {
  const Vma* vma = space.vmas().find(range.first);
  if (vma == nullptr) return Errno::Enomem;
  if (vma->range.first >= range.end) return Errno::Einval;
  for (; vma != nullptr && vma->range.first < range.end; vma = vma->next)
    if (const Errno error = check(*vma); error != Errno::None) return error;
  return Errno::None;
}

// Calls change(vma, part) for each VMA of the range, which may split and merge it.
template <class Change>
Errno for_each_part(AddressSpace& space, PageRange range, Change change) {
  VirtPage at = range.first;
  while (at < range.end) {
    Vma* const vma = space.vmas().find(at);
    if (vma == nullptr || vma->range.first >= range.end) break;
    const PageRange part{std::max(at, vma->range.first), std::min(vma->range.end, range.end)};
    if (const Errno error = change(*vma, part); error != Errno::None) return error;
    at = part.end;
  }
  return Errno::None;
}

void release(AddressSpace& space, const Vma& vma, PageRange part) {
  PendingFlush flush(space.kernel().translations(), space.id());
  space.for_each_leaf(part, [&](VirtPage page, const Leaf& leaf) {
    const Entry entry(*leaf.slot);
    if (!leaf::is_protected(entry)) return;
    Entry released = leaf::unprotect(entry);
    if (leaf::is_resident(released)) released = with_rights(space.kernel(), vma, released);
    space.mapper().write(leaf, released);
    flush.add(page);
  });
}

Errno protect(AddressSpace& space, const Vma& vma, PageRange part) {
  PendingFlush flush(space.kernel().translations(), space.id());
  const auto protect_entry = [&](VirtPage page, const Leaf& leaf) {
    space.mapper().write(leaf, leaf::protect(Entry(*leaf.slot)));
    flush.add(page);
  };
  if (vma.is_anonymous() && !vma.user->features().protects_unpopulated) {
    space.for_each_leaf(part, protect_entry);
    return Errno::None;
  }
  for (VirtPage page = part.first; page < part.end; page = page + 1) {
    const auto leaf = space.ensure_leaf(page);
    if (!leaf) return Errno::Enomem;
    protect_entry(page, *leaf);
  }
  return Errno::None;
}

// The part is handled so from now on; `user` nullptr: not at all.
Errno change_part(AddressSpace& space, Vma& vma, PageRange part, UserFaults* user, std::uint32_t flags) {
  if (vma.has(vm::kUserWriteProtect) && !(flags & vm::kUserWriteProtect)) release(space, vma, part);
  Area wanted = vma;
  wanted.flags = (vma.flags & ~vm::kUserFaults) | flags;
  wanted.user = user;
  return space.change(vma, part, wanted) != nullptr ? Errno::None : Errno::Enomem;
}

PageRange range_of(std::uint64_t address, std::uint64_t length) { return pages_of(address, length); }

}  // namespace

bool is_user_range(const AddressSpace& space, std::uint64_t address, std::uint64_t length) {
  const std::uint64_t end = address_of(space.layout().user_end).value();
  if (address % kFrameBytes != 0 || length % kFrameBytes != 0 || length == 0) return false;
  if (address < space.kernel().config().min_page * kFrameBytes || address >= end) return false;
  return length <= end - address;
}

Errno register_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length, std::uint64_t mode) {
  const auto flags = flags_of(mode);
  if (!flags) return Errno::Einval;
  if (user.space() == nullptr) return Errno::Enomem;
  AddressSpace& space = *user.space();
  if (!is_user_range(space, address, length)) return Errno::Einval;
  const PageRange range = range_of(address, length);
  const Errno error = check_vmas(space, range, [&](const Vma& vma) {
    if (!may_have(vma, *flags)) return Errno::Einval;
    if (!vma.has(vm::kMayWrite)) return Errno::Eperm;
    return vma.user != nullptr && vma.user != &user ? Errno::Ebusy : Errno::None;
  });
  if (error != Errno::None) return error;
  return for_each_part(space, range, [&](Vma& vma, PageRange part) {
    if (vma.user == &user && vma.has(*flags)) return Errno::None;
    return change_part(space, vma, part, &user, *flags);
  });
}

Errno unregister_user_ranges(UserFaults& user, PageRange range) {
  AddressSpace& space = *user.space();
  return for_each_part(space, range, [&](Vma& vma, PageRange part) {
    if (vma.user != &user) return Errno::None;
    user.wake(part);
    return change_part(space, vma, part, nullptr, 0);
  });
}

Errno unregister_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length) {
  if (user.space() == nullptr) return Errno::Enomem;
  AddressSpace& space = *user.space();
  if (!is_user_range(space, address, length)) return Errno::Einval;
  const PageRange range = range_of(address, length);
  const Errno error = check_vmas(space, range, [&](const Vma& vma) {
    const bool is_anothers = vma.user != nullptr && vma.user != &user;
    return is_anothers || !may_have(vma, vma.flags) ? Errno::Einval : Errno::None;
  });
  return error != Errno::None ? error : unregister_user_ranges(user, range);
}

Errno wake_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length) {
  if (user.space() == nullptr) return Errno::None;  // nobody waits
  if (!is_user_range(*user.space(), address, length)) return Errno::Einval;
  user.wake(range_of(address, length));
  return Errno::None;
}

Errno protect_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length, std::uint64_t mode) {
  constexpr std::uint64_t kKnown = abi::kWriteProtect | abi::kWriteProtectDontWake;
  if (user.space() == nullptr) return Errno::Esrch;
  AddressSpace& space = *user.space();
  if (!is_user_range(space, address, length)) return Errno::Einval;
  if ((mode & ~kKnown) || mode == kKnown) return Errno::Einval;
  const PageRange range = range_of(address, length);
  bool found = false;
  const Errno error = for_each_part(space, range, [&](const Vma& vma, PageRange part) {
    if (!vma.has(vm::kUserWriteProtect)) return Errno::Enoent;
    found = true;
    if (mode & abi::kWriteProtect) return protect(space, vma, part);
    release(space, vma, part);
    return Errno::None;
  });
  if (error != Errno::None || !found) return found ? error : Errno::Enoent;
  if (mode == 0) user.wake(range);
  return Errno::None;
}

}  // namespace pw::mm
