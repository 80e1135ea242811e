// SPDX-License-Identifier: MIT
#include "mm/address_space.h"

#include <algorithm>

#include "base/check.h"
#include "base/hex.h"
#include "mm/user_faults.h"

namespace pw::mm {

using paging::Entry;
using paging::Leaf;

Layout Layout::of(const KernelConfig& config, const Limits& limits) {
  constexpr std::uint64_t kLeastGap = (128ull << 20) / kFrameBytes;
  constexpr std::uint64_t kProgram = 0x400;  // a program without relocation begins at 4 MiB; so does our heap
  const unsigned bits = config.levels == 5 ? 56 : 47;
  const std::uint64_t end = (1ull << (bits - kFrameShift)) - 1;
  const std::uint64_t most = end / 6 * 5;
  const std::uint64_t stack = limits.stack == Limits::kInfinity ? most : limits.stack / kFrameBytes;
  const std::uint64_t gap = std::clamp(stack + config.stack_guard_pages, kLeastGap, most);
  return {VirtPage(end), VirtPage(end - gap), VirtPage(kProgram), VirtPage(end)};
}

std::unique_ptr<AddressSpace> AddressSpace::make(Kernel& kernel, const Limits& limits) {
  if (!kernel.ensure_free_frame()) return nullptr;
  return std::unique_ptr<AddressSpace>(new AddressSpace(kernel, limits));
}

AddressSpace::AddressSpace(Kernel& kernel, const Limits& limits)
    : kernel_(kernel),
      id_(kernel.enter(*this)),
      mapper_(kernel.memory(), kernel.allocator(), kernel.frames(), kernel.config().levels),
      layout_(Layout::of(kernel.config(), limits)),
      limits_(limits),
      brk_(address_of(layout_.brk_start).value()) {
  mapper_.set_table_watch(&kernel.reverse_map());
}

AddressSpace::~AddressSpace() {
  for (const auto& user : user_faults_) user->detach();
  while (vmas().first() != nullptr) remove(*vmas_.first());
  kernel_.translations().forget_all(id_);
  kernel_.leave(id_);
}

std::shared_ptr<UserFaults> AddressSpace::open_user_faults(UserFaultFeatures features) {
  return user_faults_.emplace_back(std::make_shared<UserFaults>(*this, features));
}

void AddressSpace::close_user_faults(const UserFaults& user) {
  std::erase_if(user_faults_, [&](const auto& open) { return open.get() == &user; });
}

bool AddressSpace::may_expand(std::uint32_t flags, std::uint64_t pages) const {
  if (counters_.total + pages > limits_.address_space / kFrameBytes) return false;
  const bool is_data = (flags & (vm::kWrite | vm::kShared | vm::kGrowsDown)) == vm::kWrite;
  return !is_data || counters_.data + pages <= limits_.data / kFrameBytes;
}

bool AddressSpace::may_lock(std::uint32_t flags, std::uint64_t pages) const {
  if (!(flags & vm::kLocked) || limits_.may_lock_any) return true;
  return counters_.locked + pages <= limits_.locked / kFrameBytes;
}

void AddressSpace::account(std::uint32_t flags, std::uint64_t pages, bool added) {
  const std::uint64_t change = added ? pages : 0 - pages;
  counters_.total += change;
  if (flags & vm::kLocked) counters_.locked += change;
  if ((flags & (vm::kExec | vm::kWrite | vm::kGrowsDown)) == vm::kExec)
    counters_.exec += change;
  else if (flags & vm::kGrowsDown)
    counters_.stack += change;
  else if ((flags & (vm::kWrite | vm::kShared)) == vm::kWrite)
    counters_.data += change;
}

VirtPage AddressSpace::first_with_guard(const Vma& vma) const {
  if (!vma.has(vm::kGrowsDown)) return vma.range.first;
  const std::uint64_t guard = kernel_.config().stack_guard_pages;
  return VirtPage(vma.range.first.value() > guard ? vma.range.first.value() - guard : 0);
}

CallResult AddressSpace::find_room(std::uint64_t hint, std::uint64_t bytes, bool fixed) const {
  const std::uint64_t end = address_of(layout_.user_end).value();
  const std::uint64_t least = kernel_.config().min_page;
  if (bytes > end) return Errno::Enomem;
  if (fixed) {
    if (hint > end - bytes) return Errno::Enomem;
    if (hint % kFrameBytes != 0) return Errno::Einval;
    if (hint / kFrameBytes < least) return Errno::Eperm;
    return hint;
  }
  const std::uint64_t pages = bytes / kFrameBytes;
  if (hint != 0 && hint <= end - bytes) {
    const VirtPage page = page_of(VirtAddr(hint));
    const Vma* above = vmas_.find(page);
    if (above == nullptr || page + pages <= first_with_guard(*above)) return hint;
  }
  VirtPage high = layout_.mmap_base;
  while (const auto found = vmas_.highest_gap({VirtPage(least), high}, pages)) {
    const Vma* above = vmas_.find(*found);
    if (above == nullptr || *found + pages <= first_with_guard(*above)) return address_of(*found).value();
    high = first_with_guard(*above);
    if (high.value() <= least) break;
  }
  VirtPage low = layout_.mmap_base;
  while (const auto found = vmas_.lowest_gap({low, layout_.user_end}, pages)) {
    const Vma* above = vmas_.find(*found);
    if (above == nullptr || *found + pages <= first_with_guard(*above)) return address_of(*found).value();
    low = above->range.end;
  }
  return Errno::Enomem;
}

CallResult AddressSpace::find_room_below_2gib(std::uint64_t bytes) const {
  constexpr PageRange kSecondGib = PageRange::of(0x40000, 0x80000);
  if (const auto found = vmas_.lowest_gap(kSecondGib, bytes / kFrameBytes)) return address_of(*found).value();
  return Errno::Enomem;
}

std::optional<Leaf> AddressSpace::ensure_leaf(VirtPage page) {
  for (;;) {
    if (const auto leaf = mapper_.ensure_slot(address_of(page), PageSize::Size4KiB)) return leaf;
    if (!kernel_.ensure_free_frame()) return std::nullopt;
  }
}

void AddressSpace::unmap(const Vma& vma, const Leaf& leaf) {
  const Entry entry(*leaf.slot);
  mapper_.write(leaf, Entry());
  if (leaf::has_frame(entry)) {
    const FrameIndex frame = leaf::frame_of(entry);
    kernel_.reverse_map().remove(frame, leaf);
    if (entry.is_dirty()) kernel_.frames()[frame].set_dirty(true);
    --counters_.resident[static_cast<std::size_t>(kernel_.record(frame).kind)];
    if (vma.has(vm::kLocked)) kernel_.unlock_page(frame);
    kernel_.drop_reference(frame);
  } else if (leaf::is_swapped(entry)) {
    --counters_.swapped;
    if (const SwapSlot slot = SwapEntry::slot_of(entry); slot != 0) kernel_.swap().drop_reference(slot);
  }
}

void AddressSpace::move_entry(const Leaf& from, VirtPage to_page, const Leaf& to) {
  const Entry entry(*from.slot);
  mapper_.write(from, Entry());
  mapper_.write(to, leaf::unprotect(entry));  // what is moved is registered with no handler any more
  if (!leaf::has_frame(entry)) return;
  const FrameIndex frame = leaf::frame_of(entry);
  kernel_.reverse_map().remove(frame, from);
  kernel_.reverse_map().add(frame, to, id_, to_page);
}

void AddressSpace::page_left(const Mapping& mapping, PageKind kind, Entry left) {
  mapper_.write(mapping.leaf, left);
  --counters_.resident[static_cast<std::size_t>(kind)];
  if (leaf::is_swapped(left)) ++counters_.swapped;
}

void AddressSpace::zap(const Vma& vma, PageRange range) {
  PendingFlush flush(kernel_.translations(), id_);
  for_each_leaf(range, [&](VirtPage page, const Leaf& leaf) {
    const Entry remains = vma.is_anonymous() ? Entry() : leaf::remains_of(Entry(*leaf.slot));
    unmap(vma, leaf);
    if (remains != Entry()) mapper_.write(leaf, remains);
    flush.add(page);
  });
}

}  // namespace pw::mm
