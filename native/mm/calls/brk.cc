// SPDX-License-Identifier: MIT
// brk(2), which on Linux answers with where the heap ends and never with an error.
#include "mm/calls/calls.h"

namespace pw::mm {
namespace {

bool may_grow(const AddressSpace& space, PageRange growth, std::uint32_t flags) {
  if (growth.end > space.layout().user_end || !space.may_lock(flags, growth.pages())) return false;
  const Vma* next = space.vmas().find(growth.first);
  if (next != nullptr && growth.end + 1 > space.first_with_guard(*next)) return false;
  return space.may_expand(flags, growth.pages()) &&
         space.vmas().size() <= space.kernel().config().max_map_count;
}

}  // namespace

std::uint64_t brk(AddressSpace& space, std::uint64_t end) {
  const std::uint64_t start = address_of(space.layout().brk_start).value();
  const std::uint64_t before = space.brk();
  if (end < start || page_align(end) < end) return before;
  if (space.limits().data != Limits::kInfinity && end - start > space.limits().data) return before;
  const PageRange old_heap = pages_of(start, page_align(before) - start);
  const PageRange new_heap = pages_of(start, page_align(end) - start);
  if (new_heap.end < old_heap.end) {
    if (space.unmap({new_heap.end, old_heap.end}) != Errno::None) return before;
  } else if (old_heap.end < new_heap.end) {
    const PageRange growth{old_heap.end, new_heap.end};
    const std::uint32_t flags = vm::kRead | vm::kWrite | vm::kMayRead | vm::kMayWrite | vm::kMayExec |
                                vm::kAccounted | space.default_flags();
    if (!may_grow(space, growth, flags) || !space.charge(growth.pages())) return before;
    space.add({.range = growth, .offset = growth.first.value(), .flags = flags});
    if ((flags & vm::kLockMask) == vm::kLocked) (void)populate(space, growth);
  }
  space.set_brk(end);
  return end;
}

}  // namespace pw::mm
