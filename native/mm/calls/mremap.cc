// SPDX-License-Identifier: MIT
// mremap(2): in place, by moving, and from Linux 6.17 on moving several VMAs at once (MREMAP_FIXED, same length).
#include <algorithm>
#include <utility>

#include "mm/calls/calls.h"

namespace pw::mm {
namespace {

using paging::Entry;
using paging::Leaf;

struct Move {
  std::uint64_t old_address;
  std::uint64_t old_length;  // whole pages
  std::uint64_t new_length;
  std::uint64_t flags;
  std::uint64_t new_address;

  bool has(std::uint64_t flag) const { return (flags & flag) != 0; }
  bool has_new_address() const { return (flags & (abi::kMremapFixed | abi::kMremapDontUnmap)) != 0; }
  PageRange old_range() const { return pages_of(old_address, old_length); }
  std::uint64_t growth() const {
    return new_length > old_length ? (new_length - old_length) >> kFrameShift : 0;
  }
};

Errno check(const AddressSpace& space, const MremapRequest& request, const Move& move) {
  constexpr std::uint64_t kKnown = abi::kMremapMayMove | abi::kMremapFixed | abi::kMremapDontUnmap;
  const std::uint64_t end = address_of(space.layout().user_end).value();
  if (move.flags & ~kKnown) return Errno::Einval;
  if (request.address % kFrameBytes != 0) return Errno::Einval;
  if (move.new_length == 0 || move.new_length > end) return Errno::Einval;
  if (!move.has_new_address()) return Errno::None;
  if (!move.has(abi::kMremapMayMove)) return Errno::Einval;
  if (move.has(abi::kMremapDontUnmap) && move.old_length != move.new_length) return Errno::Einval;
  if (move.new_address % kFrameBytes != 0 || move.new_address > end - move.new_length) return Errno::Einval;
  const bool overlaps = move.old_address + move.old_length > move.new_address &&
                        move.new_address + move.new_length > move.old_address;
  if (overlaps) return Errno::Einval;
  return space.vmas().size() + 2 >= space.kernel().config().max_map_count - 3 ? Errno::Enomem : Errno::None;
}

// Whether pages of the VMA may be mapped anew so (Linux's check_prep_vma). What a shrinking move leaves out may
// lie in other VMAs.
Errno check_vma(const AddressSpace& space, const Vma& vma, const Move& move) {
  if (move.old_length == 0 && !vma.has(vm::kMayShare)) return Errno::Einval;
  const PageRange moved = pages_of(move.old_address, std::min(move.old_length, move.new_length));
  if (moved.end > vma.range.end) return Errno::Efault;
  if (move.growth() == 0) return Errno::None;
  const std::uint64_t offset = vma.page_in_object(move.old_range().first);
  if (offset + (move.new_length >> kFrameShift) < offset) return Errno::Einval;
  if (!space.may_lock(vma.flags, move.growth())) return Errno::Eagain;
  return space.may_expand(vma.flags, move.growth()) ? Errno::None : Errno::Enomem;
}

// Every entry of the range shows up `to`; nothing is moved if tables cannot be had.
bool move_entries(AddressSpace& space, PageRange from, VirtPage to) {
  const auto target = [&](VirtPage page) { return to + (page.value() - from.first.value()); };
  bool complete = true;
  space.for_each_leaf(from, [&](VirtPage page, const Leaf&) {
    complete = complete && space.ensure_leaf(target(page)).has_value();
  });
  if (!complete) return false;
  space.for_each_leaf(from, [&](VirtPage page, const Leaf& leaf) {
    space.move_entry(leaf, target(page), *space.ensure_leaf(target(page)));
  });
  space.kernel().translations().forget_all(space.id());
  return true;
}

// A handler that is not told of moves loses what was moved, after it was merged with neighbors (Linux's
// mremap_userfaultfd_prep).
void unregister_moved(AddressSpace& space, Vma& moved) {
  space.for_each_leaf(moved.range, [&](VirtPage, const Leaf& leaf) {
    space.mapper().write(leaf, leaf::unprotect(Entry(*leaf.slot)));
  });
  space.take_from_handler(moved);
}

// A VMA like this one at the new place, with the pages of the old; what is left of the old one.
CallResult move_vma(AddressSpace& space, Vma& vma, const Move& move) {
  const PageRange from = move.old_range();
  const PageRange to = pages_of(move.new_address, move.new_length);
  if (space.vmas().size() >= space.kernel().config().max_map_count - 3) return Errno::Enomem;
  if (vma.has(vm::kAccounted) && !space.charge(to.pages())) return Errno::Enomem;
  Area area = vma;
  area.range = to;
  const bool is_untouched = vma.is_anonymous() && vma.anon.id == 0;
  area.offset = is_untouched ? to.first.value() : vma.page_in_object(from.first);
  const std::uint32_t lock_flags = vma.flags & vm::kLockMask;
  Vma& moved = space.add(std::move(area));
  if (moved.user != nullptr) unregister_moved(space, moved);
  if (!move_entries(space, from, to.first)) {
    (void)space.unmap(to);
    return Errno::Enomem;
  }
  if (move.has(abi::kMremapDontUnmap)) {
    space.leave_emptied(*space.vmas().holding(from.first), from);
  } else if (!from.is_empty()) {
    (void)space.unmap(from);
  }
  if ((lock_flags & vm::kLocked) && move.growth() != 0)
    (void)populate(space, {to.first + from.pages(), to.end});
  return move.new_address;
}

// The old range becomes as short as the new one is.
Errno shrink(AddressSpace& space, Move& move) {
  if (move.new_length >= move.old_length) return Errno::None;
  const Errno error = munmap(space, move.old_address + move.new_length, move.old_length - move.new_length);
  if (error == Errno::None) move.old_length = move.new_length;
  return error;
}

// MREMAP_FIXED and MREMAP_DONTUNMAP: what lies at the new place goes.
CallResult move_to(AddressSpace& space, Move move) {
  if (move.has(abi::kMremapFixed))
    if (const Errno error = space.unmap(pages_of(move.new_address, move.new_length)); error != Errno::None)
      return error;
  if (const Errno error = shrink(space, move); error != Errno::None) return error;
  Vma& vma = *space.vmas().holding(move.old_range().first);
  if (move.has(abi::kMremapDontUnmap) && !space.may_expand(vma.flags, move.new_length >> kFrameShift))
    return Errno::Enomem;
  const CallResult room = space.find_room(move.new_address, move.new_length, move.has(abi::kMremapFixed));
  if (!room.ok()) return room;
  move.new_address = room.value;
  return move_vma(space, vma, move);
}

// Several VMAs keep their distances.
CallResult move_all(AddressSpace& space, const Move& move) {
  const PageRange all = move.old_range();
  const Vma* vma = space.vmas().find(all.first);
  if (vma == nullptr || vma->range.first > all.first) return Errno::Efault;
  VirtPage at = all.first;
  while (at < all.end) {
    Vma* const next = space.vmas().find(at);
    if (next == nullptr || next->range.first >= all.end) break;
    if (next->user != nullptr && (at != all.first || next->range.end < all.end)) return Errno::Efault;
    const PageRange part = next->range.intersection({at, all.end});
    Move one = move;
    one.old_address = address_of(part.first).value();
    one.new_address = move.new_address + (one.old_address - move.old_address);
    one.old_length = one.new_length = part.pages() << kFrameShift;
    if (const Errno error = check_vma(space, *next, one); error != Errno::None) return error;
    if (const CallResult moved = move_to(space, one); !moved.ok()) return moved;
    at = part.end;
  }
  return move.new_address;
}

bool may_grow_in_place(const AddressSpace& space, const Vma& vma, std::uint64_t growth) {
  const PageRange grown{vma.range.end, vma.range.end + growth};
  if (grown.end > space.layout().user_end) return false;
  return vma.next == nullptr || vma.next->range.first >= grown.end;
}

// The VMA ends where the old range does and there is room behind it.
CallResult grow_in_place(AddressSpace& space, Vma& vma, const Move& move) {
  const std::uint64_t growth = move.growth();
  if (vma.has(vm::kAccounted) && !space.charge(growth)) return Errno::Enomem;
  Area more = vma;
  more.range = PageRange::of(vma.range.end, growth);
  more.offset = vma.page_in_object(vma.range.end);
  space.extend(vma, std::move(more));
  if (vma.has(vm::kLocked)) (void)populate(space, PageRange::of(move.old_range().end, growth));
  return move.old_address;
}

CallResult grow(AddressSpace& space, Vma& vma, Move move) {
  if (const Errno error = check_vma(space, vma, move); error != Errno::None) return error;
  if (vma.range.end == move.old_range().end && move.growth() != 0 &&
      may_grow_in_place(space, vma, move.growth()))
    return grow_in_place(space, vma, move);
  if (!move.has(abi::kMremapMayMove)) return Errno::Enomem;
  const CallResult room = space.find_room(0, move.new_length, false);
  if (!room.ok()) return room;
  move.new_address = room.value;
  return move_vma(space, vma, move);
}

}  // namespace

CallResult mremap(AddressSpace& space, const MremapRequest& request) {
  Move move{request.address, page_align(request.old_length), page_align(request.new_length), request.flags,
            request.new_address};
  if (const Errno error = check(space, request, move); error != Errno::None) return error;
  const bool fixed = move.has(abi::kMremapFixed);
  if (fixed && move.old_length == move.new_length) return move_all(space, move);
  Vma* const vma = space.vmas().holding(page_of(VirtAddr(request.address)));
  if (vma == nullptr) return Errno::Efault;
  if (move.has_new_address()) {
    if (const Errno error = check_vma(space, *vma, move); error != Errno::None) return error;
    return move_to(space, move);
  }
  if (move.old_length > move.new_length) {
    if (const Errno error = shrink(space, move); error != Errno::None) return error;
    return request.address;
  }
  if (move.old_length == move.new_length) return request.address;
  return grow(space, *vma, move);
}

}  // namespace pw::mm
