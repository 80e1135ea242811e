// SPDX-License-Identifier: MIT
// Whether an address space's entries and counters are what its VMAs say.
#include "base/hex.h"
#include "mm/address_space.h"
#include "mm/kernel.h"
#include "mm/leaf_entry.h"

namespace pw::mm {

using paging::Entry;
using paging::Leaf;

std::vector<std::string> AddressSpace::validate() {
  std::vector<std::string> violations = vmas().validate();
  SpaceCounters counted;
  std::swap(counted, counters_);
  for (const Vma* vma = vmas_.first(); vma != nullptr; vma = vma->next)
    account(vma->flags, vma->range.pages(), true);
  std::swap(counted, counters_);
  for_each_leaf({VirtPage(0), layout_.user_end}, [&](VirtPage page, const Leaf& leaf) {
    const Entry entry(*leaf.slot);
    if (leaf::has_frame(entry) && leaf::frame_of(entry).value() < kernel_.frames().frames())
      ++counted.resident[static_cast<std::size_t>(kernel_.record(leaf::frame_of(entry)).kind)];
    counted.swapped += leaf::is_swapped(entry);
    check_entry(vmas_.holding(page), page, entry, violations);
  });
  const std::string who = "address space " + std::to_string(id_);
  if (counted.total != counters_.total || counted.data != counters_.data ||
      counted.locked != counters_.locked || counted.stack != counters_.stack ||
      counted.exec != counters_.exec)
    violations.push_back(who + ": the pages of its VMAs are not those counted");
  if (counted.resident != counters_.resident || counted.swapped != counters_.swapped)
    violations.push_back(who + ": its resident or swapped pages are not those counted");
  return violations;
}

void AddressSpace::check_entry(const Vma* vma, VirtPage page, Entry entry,
                               std::vector<std::string>& violations) const {
  const std::string where = "address space " + std::to_string(id_) + ", page " + hex(page.value());
  if (vma == nullptr) {
    violations.push_back(where + " is mapped outside every VMA");
    return;
  }
  if (leaf::is_protected(entry) &&
      (!vma->has(vm::kUserWriteProtect) || (entry.is_present() && entry.is_writable())))
    violations.push_back(where + " is protected by a handler that it has not, or writable all the same");
  if (!entry.is_present()) return;
  if (entry.is_writable() && !vma->has(vm::kWrite))
    violations.push_back(where + " is writable, its VMA is not");
  if (!entry.is_no_execute() && !vma->has(vm::kExec))
    violations.push_back(where + " is executable, its VMA is not");
  if (entry.is_writable() && leaf::is_zero_page(entry))
    violations.push_back(where + " may write to the page of zeros");
  if (!leaf::has_frame(entry)) return;
  const FrameIndex frame = leaf::frame_of(entry);
  if (frame.value() >= kernel_.frames().frames()) {
    violations.push_back(where + " maps frame " + std::to_string(frame.value()) + ", beyond the memory");
    return;
  }
  if (kernel_.record(frame).kind == PageKind::Anonymous && entry.is_writable() &&
      kernel_.frames()[frame].references() != 1)
    violations.push_back(where + " may write to an anonymous frame that others share");
}

}  // namespace pw::mm
