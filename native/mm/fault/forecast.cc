// SPDX-License-Identifier: MIT
#include "mm/fault/forecast.h"

#include "mm/fault/user_handler.h"
#include "mm/leaf_entry.h"

namespace pw::mm {
namespace {

namespace error_code = paging::error_code;

constexpr FaultForecast minor(FaultReason reason) { return {reason, FaultKind::Minor}; }
constexpr FaultForecast major(FaultReason reason) { return {reason, FaultKind::Major}; }
constexpr FaultForecast refused(FaultReason reason) { return {reason, FaultKind::Protection}; }

// In the order of the chain; nothing: the VMA allows the access.
std::optional<FaultForecast> refusal(const Vma& vma, std::uint32_t code) {
  const std::uint32_t rights = vma.flags & vm::kRights;
  if (code & error_code::kProtectionKey) return refused(FaultReason::ProtectionKey);
  if (rights == 0) return refused(FaultReason::GuardPage);
  if ((code & error_code::kWrite) && !(rights & vm::kWrite)) return refused(FaultReason::WriteToReadOnly);
  if ((code & error_code::kFetch) && !(rights & vm::kExec)) return refused(FaultReason::ExecuteOfNoExecute);
  return std::nullopt;
}

FaultForecast of_swapped(const Kernel& kernel, paging::Entry entry) {
  const SwapSlot slot = SwapEntry::slot_of(entry);
  return slot != 0 && kernel.swap().cached(slot) ? minor(FaultReason::SwapCacheHit)
                                                 : major(FaultReason::SwapIn);
}

FaultForecast of_object(const VmObject& object, std::uint64_t page) {
  if (page >= object.pages()) return refused(FaultReason::BeyondObject);
  const PagePlace place = object.page(page);
  const bool is_read = place.is_slot() || (place.is_nowhere() && object.kind() == ObjectKind::File);
  return is_read ? major(FaultReason::FileRead) : minor(FaultReason::FileRead);
}

}  // namespace

FaultForecast forecast(SpaceFault fault) {
  const AddressSpace& space = fault.space;
  const VirtPage page = fault.page();
  const std::uint32_t code = fault.error_code;
  if (page >= space.layout().user_end) return refused(FaultReason::KernelAccess);
  if (code & error_code::kReserved) return refused(FaultReason::ReservedBit);
  Vma* const vma = fault.vma = fault.space.vmas().find(page);
  const bool is_below = vma != nullptr && page < vma->range.first;
  if (vma == nullptr || (is_below && !vma->has(vm::kGrowsDown))) return refused(FaultReason::BadAddress);
  if (const auto why = refusal(*vma, code)) return *why;
  if (is_below) return minor(FaultReason::StackGrowth);
  fault.leaf = space.find_leaf(page);
  const paging::Entry entry = fault.entry = paging::Entry(fault.leaf ? *fault.leaf->slot : 0);
  const bool is_write = fault.is_write();
  const bool executes = !fault.is_fetch() || !entry.is_no_execute();
  if (entry.is_present() && (!is_write || entry.is_writable()) && executes)
    return minor(FaultReason::Spurious);
  if ((vma->flags & vm::kUserFaults) && user_fault_kind(fault)) return major(FaultReason::UserFault);
  if (leaf::is_swapped(entry)) return of_swapped(space.kernel(), entry);
  if (is_write && leaf::is_resident(entry)) return minor(FaultReason::CopyOnWrite);
  if (vma->is_anonymous()) return minor(FaultReason::DemandZero);
  return of_object(*vma->object, vma->page_in_object(page));
}

}  // namespace pw::mm
