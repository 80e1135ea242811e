// SPDX-License-Identifier: MIT
// mmap(2), in the order of checks of Linux's do_mmap.
#include <utility>

#include "mm/calls/calls.h"

namespace pw::mm {
namespace {

std::uint32_t flags_of(const MmapRequest& request) {
  std::uint32_t flags = static_cast<std::uint32_t>(request.protection) & vm::kRights;
  if (request.flags & abi::kMapGrowsDown) flags |= vm::kGrowsDown;
  if (request.flags & abi::kMapLocked) flags |= vm::kLocked;
  if (request.flags & abi::kMapStack) flags |= vm::kNoHugePage;
  return flags | vm::kMayRead | vm::kMayWrite | vm::kMayExec;
}

// What a file mapping may be; adds the flags of sharing.
Errno check_file(const MmapRequest& request, std::uint64_t length, std::uint32_t& flags) {
  constexpr std::uint64_t kMostBytes = (1ull << 63) - 1;
  if (length > kMostBytes || request.offset > kMostBytes - length) return Errno::Eoverflow;
  const OpenFile& file = *request.file;
  const std::uint64_t type = request.flags & abi::kMapType;
  if (type == abi::kMapSharedValidate && (request.flags & ~abi::kMapLegacy) != 0) return Errno::Eopnotsupp;
  if (type == abi::kMapShared || type == abi::kMapSharedValidate) {
    if ((flags & vm::kWrite) && !file.writable) return Errno::Eacces;
    flags |= vm::kShared | vm::kMayShare;
    if (!file.writable) flags &= ~(vm::kMayWrite | vm::kShared);
  } else if (type != abi::kMapPrivate) {
    return Errno::Einval;
  }
  if (!file.readable) return Errno::Eacces;
  return flags & vm::kGrowsDown ? Errno::Einval : Errno::None;
}

Errno check_anonymous(const MmapRequest& request, std::uint32_t& flags) {
  const std::uint64_t type = request.flags & abi::kMapType;
  if (type == abi::kMapPrivate) return Errno::None;
  if (type != abi::kMapShared || (flags & vm::kGrowsDown)) return Errno::Einval;
  flags |= vm::kShared | vm::kMayShare;
  return Errno::None;
}

// Pages of a range in VMAs, and those of them that count towards the commit limit.
std::pair<std::uint64_t, std::uint64_t> pages_taken(const AddressSpace& space, PageRange range) {
  std::uint64_t taken = 0;
  std::uint64_t accounted = 0;
  for (const Vma* vma = space.vmas().find(range.first); vma != nullptr && vma->range.first < range.end;
       vma = vma->next) {
    const std::uint64_t pages = vma->range.intersection(range).pages();
    taken += pages;
    if (vma->has(vm::kAccounted)) accounted += pages;
  }
  return {taken, accounted};
}

// What lies in the range goes, if a VMA like this one may take its place. Charges for it.
Errno make_place(AddressSpace& space, PageRange range, std::uint32_t& flags) {
  const auto [taken, accounted] = pages_taken(space, range);
  const Vma* first = space.vmas().holding(range.first);
  if (first != nullptr && first->range.first < range.first && range.end < first->range.end &&
      space.has_too_many_vmas())
    return Errno::Enomem;
  if (!space.may_expand(flags, range.pages() - taken)) return Errno::Enomem;
  if (is_accountable(flags)) {
    const std::uint64_t charged = range.pages() > accounted ? range.pages() - accounted : 0;
    if (!space.charge(charged)) return Errno::Enomem;
    flags |= vm::kAccounted;
    space.kernel().commit().uncharge(charged);
  }
  if (taken != 0)
    if (const Errno error = space.unmap(range); error != Errno::None) return error;
  if (flags & vm::kAccounted) (void)space.charge(range.pages());
  return Errno::None;
}

// Shared anonymous memory is an object of its own.
Errno make_shared_object(AddressSpace& space, Area& area) {
  const std::uint64_t pages = area.range.pages();
  const bool reserves = !(area.flags & vm::kNoReserve);
  if (reserves && !space.charge(pages)) return Errno::Enomem;
  area.object =
      space.kernel().make_object(ObjectKind::SharedMemory, "/dev/zero (deleted)", pages * kFrameBytes);
  area.object->set_charged_pages(reserves ? pages : 0);
  return Errno::None;
}

CallResult place_area(AddressSpace& space, const MmapRequest& request, Area area) {
  const bool shares_anonymous = request.file == nullptr && (area.flags & vm::kShared);
  if ((request.flags & abi::kMapNoReserve) && space.kernel().commit().config().mode != Overcommit::Never)
    area.flags |= vm::kNoReserve;
  if (const Errno error = make_place(space, area.range, area.flags); error != Errno::None) return error;
  if (shares_anonymous)
    if (const Errno error = make_shared_object(space, area); error != Errno::None) return error;
  const PageRange range = area.range;
  const std::uint32_t flags = area.flags;
  space.add(std::move(area));
  const std::uint64_t wanted = abi::kMapPopulate | abi::kMapNonBlock;
  if (((flags & vm::kLocked) && !(flags & vm::kLockOnFault)) || (request.flags & wanted) == abi::kMapPopulate)
    (void)populate(space, range);  // what cannot be brought in now faults later
  return address_of(range.first).value();
}

}  // namespace

CallResult mmap(AddressSpace& space, const MmapRequest& request) {
  if (request.offset % kFrameBytes != 0) return Errno::Einval;
  const bool is_anonymous = (request.flags & abi::kMapAnonymous) != 0;
  if (!is_anonymous && request.file == nullptr) return Errno::Ebadf;
  MmapRequest wanted = request;
  if (is_anonymous) wanted.file = nullptr;
  if (request.length == 0) return Errno::Einval;
  if (request.flags & abi::kMapHugeTlb) return is_anonymous ? Errno::Enomem : Errno::Einval;
  const bool fixed = (request.flags & (abi::kMapFixed | abi::kMapFixedNoReplace)) != 0;
  if (!fixed) {
    wanted.address &= ~(kFrameBytes - 1);
    if (wanted.address != 0 && wanted.address / kFrameBytes < space.kernel().config().min_page)
      wanted.address = space.kernel().config().min_page * kFrameBytes;
  }
  const std::uint64_t length = page_align(request.length);
  if (length == 0) return Errno::Enomem;
  const std::uint64_t first_page = request.offset >> kFrameShift;
  if (space.vmas().size() > space.kernel().config().max_map_count) return Errno::Enomem;

  const CallResult room = request.flags & abi::kMap32Bit && !fixed
                              ? space.find_room_below_2gib(length)
                              : space.find_room(wanted.address, length, fixed);
  if (!room.ok()) return room;
  const PageRange range = pages_of(room.value, length);
  if (request.flags & abi::kMapFixedNoReplace) {
    const Vma* taken = space.vmas().find(range.first);
    if (taken != nullptr && taken->range.overlaps(range)) return Errno::Eexist;
  }
  std::uint32_t flags = flags_of(wanted) | space.default_flags();
  if ((request.flags & abi::kMapLocked) && space.limits().locked == 0 && !space.limits().may_lock_any)
    return Errno::Eperm;
  if (!space.may_lock(flags, range.pages())) return Errno::Eagain;
  const Errno error =
      wanted.file != nullptr ? check_file(wanted, length, flags) : check_anonymous(wanted, flags);
  if (error != Errno::None) return error;
  Area area{.range = range};
  area.flags = flags;
  if (wanted.file != nullptr) {
    area.object = wanted.file->object;
    area.offset = first_page;
  } else if (!(flags & vm::kShared)) {
    area.offset = range.first.value();
  }
  return place_area(space, wanted, std::move(area));
}

}  // namespace pw::mm
