// SPDX-License-Identifier: MIT
// How VMAs are added, split, merged and removed: Linux's rules (mm/vma.c), which /proc/self/maps shows.
#include "base/check.h"
#include "mm/address_space.h"
#include "mm/user_faults.h"

namespace pw::mm {
namespace {

bool is_alike(const Area& a, const Area& b) {
  return a.flags == b.flags && a.protection_key == b.protection_key && a.object == b.object &&
         a.user == b.user;
}

// Whether the pages of `joining` may become pages of a VMA with the family of `target`.
bool may_join(AnonFamily target, AnonFamily joining) {
  if (target.id == 0 && joining.id != 0) return !joining.inherited;
  if (target.id != 0 && joining.id == 0) return !target.inherited;
  return target.id == joining.id;
}

bool are_compatible(AnonFamily a, AnonFamily b) { return a.id == 0 || b.id == 0 || a.id == b.id; }

AnonFamily joined(AnonFamily target, AnonFamily joining) { return target.id != 0 ? target : joining; }

}  // namespace

bool AddressSpace::joins_left(const Vma* left, const Area& area) const {
  return left != nullptr && left->range.end == area.range.first && is_alike(*left, area) &&
         left->offset + left->range.pages() == area.offset && may_join(left->anon, area.anon);
}

bool AddressSpace::joins_right(const Area& area, const Vma* right) const {
  return right != nullptr && area.range.end == right->range.first && is_alike(area, *right) &&
         area.offset + area.range.pages() == right->offset && may_join(right->anon, area.anon);
}

void AddressSpace::set_start(Vma& vma, VirtPage first) {
  vma.offset += first.value() - vma.range.first.value();
  vmas_.resize(vma, {first, vma.range.end});
}

Vma& AddressSpace::add(Area area) {
  Vma* const right = vmas().find(area.range.first);
  Vma* const left = right != nullptr ? right->previous : vmas_.last();
  PW_CHECK(right == nullptr || area.range.end <= right->range.first);
  const bool joins_lower = joins_left(left, area);
  const bool joins_upper =
      joins_right(area, right) && (!joins_lower || are_compatible(left->anon, right->anon));
  if (!joins_lower && !joins_upper) return insert(std::move(area));
  account(area.flags, area.range.pages(), true);
  if (joins_lower) {
    left->anon = joined(left->anon, area.anon);
    VirtPage end = area.range.end;
    if (joins_upper) {
      left->anon = joined(left->anon, right->anon);
      end = right->range.end;
      vmas_.erase(*right);
      vma_slab_.destroy(right);
    }
    vmas_.resize(*left, {left->range.first, end});
    return *left;
  }
  right->anon = joined(right->anon, area.anon);
  set_start(*right, area.range.first);
  return *right;
}

Vma& AddressSpace::insert(Area area) {
  account(area.flags, area.range.pages(), true);
  Vma* const vma = vma_slab_.make(std::move(area));
  vmas_.insert(*vma);
  return *vma;
}

void AddressSpace::extend(Vma& vma, Area more) {
  PW_CHECK(vma.range.end == more.range.first);
  account(more.flags, more.range.pages(), true);
  VirtPage end = more.range.end;
  Vma* const right = vma.next;
  if (joins_right(more, right) && are_compatible(vma.anon, right->anon)) {
    vma.anon = joined(vma.anon, right->anon);
    end = right->range.end;
    vmas_.erase(*right);
    vma_slab_.destroy(right);
  }
  vmas_.resize(vma, {vma.range.first, end});
}

Vma& AddressSpace::split(Vma& vma, VirtPage at) {
  PW_CHECK(vma.range.first < at && at < vma.range.end);
  Area upper = vma;
  upper.range.first = at;
  upper.offset = vma.page_in_object(at);
  vmas_.resize(vma, {vma.range.first, at});
  Vma* const created = vma_slab_.make(std::move(upper));
  vmas_.insert(*created);
  return *created;
}

Vma* AddressSpace::change(Vma& vma, PageRange range, const Area& wanted) {
  Area area = vma;
  area.range = range;
  area.offset = vma.page_in_object(range.first);
  area.flags = wanted.flags;
  area.protection_key = wanted.protection_key;
  area.user = wanted.user;
  if (is_alike(area, vma)) return &vma;

  Vma* const left = range.first == vma.range.first ? vma.previous : nullptr;
  Vma* const right = range.end == vma.range.end ? vma.next : nullptr;
  const bool joins_lower = joins_left(left, area);
  const bool joins_upper =
      joins_right(area, right) && (!joins_lower || are_compatible(left->anon, right->anon));
  if (!joins_lower && !joins_upper) {
    Vma* changed = &vma;
    if (vma.range.first < range.first) {
      if (has_too_many_vmas()) return nullptr;
      changed = &split(vma, range.first);
    }
    if (range.end < changed->range.end) {
      if (has_too_many_vmas()) return nullptr;
      split(*changed, range.end);
    }
    recount(*changed, area.flags);
    changed->flags = area.flags;
    changed->protection_key = area.protection_key;
    changed->user = area.user;
    vmas_.refresh(*changed);
    return changed;
  }

  account(vma.flags, range.pages(), false);
  account(area.flags, range.pages(), true);
  const AnonFamily family = vma.anon;
  if (range == vma.range) {
    vmas_.erase(vma);
    vma_slab_.destroy(&vma);
  } else if (joins_lower) {
    set_start(vma, range.end);
  } else {
    vmas_.resize(vma, {vma.range.first, range.first});
  }
  if (!joins_lower) {
    right->anon = joined(right->anon, family);
    set_start(*right, range.first);
    return right;
  }
  left->anon = joined(left->anon, family);
  VirtPage end = range.end;
  if (joins_upper) {
    left->anon = joined(left->anon, right->anon);
    end = right->range.end;
    vmas_.erase(*right);
    vma_slab_.destroy(right);
  }
  vmas_.resize(*left, {left->range.first, end});
  return left;
}

void AddressSpace::recount(const Vma& vma, std::uint32_t flags) {
  account(vma.flags, vma.range.pages(), false);
  account(flags, vma.range.pages(), true);
}

void AddressSpace::resize(Vma& vma, PageRange range) {
  account(vma.flags, vma.range.pages(), false);
  vma.offset += range.first.value() - vma.range.first.value();
  vmas_.resize(vma, range);
  account(vma.flags, vma.range.pages(), true);
}

void AddressSpace::leave_emptied(Vma& vma, PageRange range) {
  if (vma.range == range) vma.anon = {};
  if (vma.has(vm::kLocked)) {
    for_each_leaf(vma.range, [&](VirtPage, const paging::Leaf& leaf) {
      const paging::Entry entry(*leaf.slot);
      if (leaf::has_frame(entry)) kernel_.unlock_page(leaf::frame_of(entry));
    });
    recount(vma, vma.flags & ~vm::kLockMask);
    vma.flags &= ~vm::kLockMask;
  }
  vmas_.refresh(vma);
}

void AddressSpace::take_from_handler(Vma& vma) {
  vma.flags &= ~vm::kUserFaults;
  vma.user = nullptr;
  vmas_.refresh(vma);
}

void AddressSpace::remove(Vma& vma) {
  PendingFlush flush(kernel_.translations(), id_);
  for_each_table(vma.range, [&](const paging::LeafRun& run) {
    for (unsigned i = run.from; i < run.to; ++i) {
      if (run.slots[i] == 0) continue;
      unmap(vma, paging::Leaf{run.slots + i, run.address(i), paging::kPt});
      flush.add(run.page(i));
    }
    if (mapper_.release_tables(address_of(run.first), paging::kPt)) flush.add_everything();
  });
  if (vma.user != nullptr) vma.user->wake(vma.range);  // whoever waits there faults again, and is refused
  account(vma.flags, vma.range.pages(), false);
  if (vma.has(vm::kAccounted)) kernel_.commit().uncharge(vma.range.pages());
  vmas_.erase(vma);
  vma_slab_.destroy(&vma);
}

Errno AddressSpace::unmap(PageRange range) {
  Vma* vma = vmas().find(range.first);
  if (vma == nullptr || vma->range.first >= range.end) return Errno::None;
  if (vma->range.first < range.first) {
    if (range.end < vma->range.end && has_too_many_vmas()) return Errno::Enomem;
    vma = &split(*vma, range.first);
  }
  while (vma != nullptr && vma->range.first < range.end) {
    if (range.end < vma->range.end) split(*vma, range.end);
    Vma* const next = vma->next;
    remove(*vma);
    vma = next;
  }
  return Errno::None;
}

// The VMA gets its first anonymous page. Where nobody is near enough to merge with, that needs no look at it.
void AddressSpace::find_family(VirtPage page) {
  if (vmas_.is_alone()) return vmas_.give_family(kernel_.new_family());
  Vma& vma = *vmas_.holding(page);
  vma.anon = family_for(vma);
  vmas_.refresh(vma);
}

// That of a neighbor with which it may merge if rights are made equal (Linux's find_mergeable_anon_vma), or a new one.
AnonFamily AddressSpace::family_for(const Vma& vma) {
  constexpr std::uint32_t kIgnored = vm::kRights;
  const auto may_share = [](const Vma& a, const Vma& b) {
    return a.object == b.object && !((a.flags ^ b.flags) & ~kIgnored) &&
           a.offset + a.range.pages() == b.offset;
  };
  if (vma.meets_next && may_share(vma, *vma.next) && vma.next->anon.id != 0 && !vma.next->anon.inherited)
    return vma.next->anon;
  if (vma.meets_previous && may_share(*vma.previous, vma) && vma.previous->anon.id != 0 &&
      !vma.previous->anon.inherited)
    return vma.previous->anon;
  return kernel_.new_family();
}

}  // namespace pw::mm
