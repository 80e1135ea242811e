// SPDX-License-Identifier: MIT
// fork(2): the child gets the parent's VMAs and entries; private pages lose R/W in both until one of them stores.
// Pages of objects that have no private copies are left to be faulted in (as Linux's vma_needs_copy).
#include "mm/calls/calls.h"

namespace pw::mm {
namespace {

namespace flag = paging::flag;
using paging::Entry;
using paging::Leaf;

// One entry; the child's leaf maps nothing.
void copy_entry(AddressSpace& parent, AddressSpace& child, const Vma& vma, VirtPage page, const Leaf& from,
                const Leaf& to) {
  Entry entry = leaf::unprotect(Entry(*from.slot));  // the child's pages are registered with no handler
  if (leaf::is_empty(entry)) return;
  if (leaf::is_swapped(entry)) {
    if (const SwapSlot slot = SwapEntry::slot_of(entry); slot != 0)
      parent.kernel().swap().add_reference(slot);
    child.count_swapped(1);
    return child.mapper().write(to, entry);
  }
  if (leaf::is_zero_page(entry)) return child.mapper().write(to, entry);
  if (!vma.has(vm::kShared) && entry.is_writable()) {
    entry = entry.without(flag::kWritable);
    *from.slot &= ~flag::kWritable;
  }
  child.map(vma, page, to, leaf::frame_of(entry), entry);
}

// False: no frame can be had for a table of the child.
bool copy_pages(AddressSpace& parent, AddressSpace& child, const Vma& from, const Vma& to) {
  bool complete = true;
  parent.for_each_table(from.range, [&](const paging::LeafRun& run) {
    if (!complete) return;
    const auto first = child.ensure_leaf(run.page(run.from));
    complete = first.has_value();
    for (unsigned i = run.from; complete && i < run.to; ++i) {
      if (run.slots[i] == 0) continue;
      const unsigned step = i - run.from;
      copy_entry(parent, child, to, run.page(i), {run.slots + i, run.address(i), paging::kPt},
                 {first->slot + step, PhysAddr(first->slot_address.value() + step * 8ull), paging::kPt});
    }
  });
  return complete;
}

// The child's VMA may hold the parent's pages beside its own.
AnonFamily inherited(Kernel& kernel, AnonFamily family) {
  if (family.id == 0) return {};
  AnonFamily own = kernel.new_family();
  own.inherited = true;
  return own;
}

bool copy_vma(AddressSpace& parent, AddressSpace& child, const Vma& vma) {
  if (vma.has(vm::kAccounted) && !child.charge(vma.range.pages())) return false;
  Area area = vma;
  area.flags &= ~(vm::kLockMask | vm::kUserFaults);
  area.user = nullptr;
  area.anon = vma.has(vm::kWipeOnFork) ? AnonFamily{} : inherited(parent.kernel(), vma.anon);
  const Vma& copied = child.insert(std::move(area));
  if (vma.has(vm::kWipeOnFork) || vma.anon.id == 0) return true;
  return copy_pages(parent, child, vma, copied);
}

}  // namespace

std::unique_ptr<AddressSpace> fork(AddressSpace& parent) {
  auto child = AddressSpace::make(parent.kernel(), parent.limits());
  if (!child) return nullptr;
  child->layout() = parent.layout();
  child->set_brk(parent.brk());
  bool complete = true;
  for (const Vma* vma = parent.vmas().first(); vma != nullptr && complete; vma = vma->next)
    if (!vma->has(vm::kDontFork)) complete = copy_vma(parent, *child, *vma);
  parent.kernel().translations().forget_all(parent.id());  // its pages lost R/W
  return complete ? std::move(child) : nullptr;
}

}  // namespace pw::mm
