// SPDX-License-Identifier: MIT
#include "mm/fault/stack_growth.h"

namespace pw::mm {

bool grow_stack(AddressSpace& space, Vma& vma, VirtPage page) {
  const KernelConfig& config = space.kernel().config();
  if (page.value() < config.min_page) return false;
  const Vma* below = vma.previous;
  if (below != nullptr && !below->has(vm::kGrowsDown) && (below->flags & vm::kRights) &&
      page.value() - below->range.end.value() < config.stack_guard_pages)
    return false;
  space.join_family(vma);  // Linux prepares for anonymous pages before it knows whether the stack may grow
  const std::uint64_t growth = vma.range.first.value() - page.value();
  const std::uint64_t size = vma.range.end.value() - page.value();
  if (!space.may_expand(vma.flags, growth) || !space.may_lock(vma.flags, growth)) return false;
  if (space.limits().stack != Limits::kInfinity && size * kFrameBytes > space.limits().stack) return false;
  if (growth > vma.offset) return false;
  if (!space.charge(growth)) return false;
  if (!vma.has(vm::kAccounted)) space.kernel().commit().uncharge(growth);
  space.resize(vma, {page, vma.range.end});
  return true;
}

FaultOutcome stack_growth(SpaceFault& fault) {
  Vma* const above = fault.space.vmas_unsettled().find(fault.page());
  fault.vma = above;
  if (above == nullptr || above->range.first <= fault.page() || !above->has(vm::kGrowsDown))
    return FaultOutcome::Pass;
  if (!grow_stack(fault.space, *above, fault.page()))
    return fault.refuse(FaultReason::GuardPage, SegvCode::MapErr);
  fault.grew_stack = true;
  return FaultOutcome::Pass;
}

}  // namespace pw::mm
