// SPDX-License-Identifier: MIT
// What a handler puts where pages are missing: bytes, zeros, or the pages that shared memory has.
#include <algorithm>

#include "mm/calls/calls.h"
#include "mm/calls/user_range.h"
#include "mm/fault/object_page.h"

namespace pw::mm {
namespace {

namespace flag = paging::flag;
using paging::Entry;
using paging::Leaf;

enum class What : std::uint8_t { Bytes, Zeros, Objects };

struct Fill {
  What what;
  bool protect = false;
  std::span<const std::byte> from = {};  // Bytes: empty where there are no contents
};

struct Target {
  AddressSpace& space;
  Vma& vma;
  VirtPage page;
  Leaf leaf;

  Kernel& kernel() const { return space.kernel(); }
  std::uint64_t index() const { return vma.page_in_object(page); }
  bool is_in_object() const { return vma.is_anonymous() || index() < vma.object->pages(); }
};

// Maps the frame for the handler's page, which is worth keeping (`dirty`) unless the object has it as well.
void map_filled(const Target& to, FrameIndex frame, bool writable, bool dirty, bool protect) {
  Entry entry = leaf::of(frame, to.vma).with(dirty ? flag::kDirty : 0);
  if (writable && to.vma.has(vm::kWrite)) entry = entry.with(flag::kWritable);
  if (protect) entry = leaf::protect(entry);
  to.space.map(to.vma, to.page, to.leaf, frame, entry);
  to.kernel().make_evictable(frame, policy::Arrival::Fault);
}

void set_content(const Target& to, FrameIndex frame, const Fill& fill) {
  Kernel& kernel = to.kernel();
  if (fill.what == What::Zeros) {
    kernel.zero_page(frame);
    ++kernel.counters().zeroed_pages;
  } else if (kernel.config().contents) {
    kernel.memory().write(address_of(frame), fill.from);
  }
}

Errno fill_private(const Target& to, const Fill& fill) {
  Kernel& kernel = to.kernel();
  if (fill.what == What::Zeros && kernel.config().zero_page) {
    to.space.mapper().write(to.leaf, leaf::of(kernel.zero_frame(), to.vma).with(leaf::kZeroPage));
    return Errno::None;
  }
  const auto frame = kernel.take_page(PageKind::Anonymous, to.space.id(), to.page.value());
  if (!frame) return Errno::Enomem;
  set_content(to, *frame, fill);
  map_filled(to, *frame, true, true, fill.protect);
  return Errno::None;
}

Errno fill_shared(const Target& to, const Fill& fill) {
  Kernel& kernel = to.kernel();
  VmObject& object = *to.vma.object;
  if (!object.page(to.index()).is_nowhere()) return Errno::Eexist;
  const auto frame = kernel.take_page(object.page_kind(), object.number(), to.index());
  if (!frame) return Errno::Enomem;
  set_content(to, *frame, fill);
  kernel.frames()[*frame].set_references(1);
  object.set_page(to.index(), PagePlace::in(*frame));
  map_filled(to, *frame, true, true, fill.protect);
  return Errno::None;
}

Errno map_of_object(const Target& to, const Fill& fill) {
  VmObject& object = *to.vma.object;
  if (object.page(to.index()).is_nowhere()) return Errno::Efault;
  const auto found = frame_of_object(to.kernel(), object, to.index());
  if (!found) return Errno::Enomem;
  const bool is_shared = to.vma.has(vm::kShared);
  map_filled(to, found->frame, is_shared, is_shared, fill.protect);
  return Errno::None;
}

Errno fill_page(const Target& to, const Fill& fill) {
  const bool is_object = fill.what == What::Objects;
  if (!to.is_in_object()) return is_object ? Errno::Einval : Errno::Efault;
  const Entry entry(*to.leaf.slot);
  const bool needs_nothing = fill.what == What::Zeros && !to.vma.has(vm::kShared);
  const bool is_free = needs_nothing ? entry == Entry() : leaf::is_empty(entry);
  if (is_object && is_free) return map_of_object(to, fill);
  if (!is_free)
    return is_object && to.vma.object->page(to.index()).is_nowhere() ? Errno::Efault : Errno::Eexist;
  return to.vma.has(vm::kShared) ? fill_shared(to, fill) : fill_private(to, fill);
}

// The VMA that the range lies in, if a handler has it; Linux makes the family of anonymous pages first.
Vma* find_target(AddressSpace& space, PageRange range) {
  Vma* const vma = space.vmas().holding(range.first);
  if (vma == nullptr) return nullptr;
  if (!vma->has(vm::kShared)) space.join_family(*vma);
  return range.end <= vma->range.end && vma->user != nullptr ? vma : nullptr;
}

Filled fill_range(UserFaults& user, PageRange range, Fill fill, bool wakes) {
  AddressSpace& space = *user.space();
  Vma* const vma = find_target(space, range);
  if (vma == nullptr) return {0, Errno::Enoent};
  if (fill.protect && !vma->has(vm::kUserWriteProtect)) return {0, Errno::Einval};
  if (fill.what == What::Objects && vma->is_anonymous()) return {0, Errno::Einval};
  const std::span<const std::byte> all = fill.from;
  Filled filled;
  for (VirtPage page = range.first; page < range.end; page = page + 1) {
    if (!all.empty()) fill.from = all.subspan(filled.bytes, kFrameBytes);
    const auto leaf = space.ensure_leaf(page);
    filled.error = leaf ? fill_page({space, *vma, page, *leaf}, fill) : Errno::Enomem;
    if (filled.error != Errno::None) break;
    filled.bytes += kFrameBytes;
  }
  if (filled.bytes == 0) return filled;
  if (filled.error != Errno::None) filled.error = Errno::Eagain;
  if (wakes) user.wake(PageRange::of(range.first, filled.bytes / kFrameBytes));
  return filled;
}

Filled fill(UserFaults& user, std::uint64_t address, std::uint64_t length, std::uint64_t mode, Fill what) {
  const std::uint64_t known = abi::kFillDontWake | (what.what == What::Zeros ? 0 : abi::kFillProtect);
  if (user.space() == nullptr) return {0, Errno::Esrch};
  if (!is_user_range(*user.space(), address, length) || (mode & ~known)) return {0, Errno::Einval};
  what.protect = (mode & abi::kFillProtect) != 0;
  return fill_range(user, pages_of(address, length), what, !(mode & abi::kFillDontWake));
}

}  // namespace

Filled copy_to_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length,
                          std::span<const std::byte> from, std::uint64_t mode) {
  return fill(user, address, length, mode, {.what = What::Bytes, .from = from});
}

Filled zero_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length, std::uint64_t mode) {
  return fill(user, address, length, mode, {.what = What::Zeros});
}

Filled continue_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length,
                           std::uint64_t mode) {
  return fill(user, address, length, mode, {.what = What::Objects});
}

}  // namespace pw::mm
