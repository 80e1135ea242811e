// SPDX-License-Identifier: MIT
#include "mm/fault/user_handler.h"

namespace pw::mm {

std::optional<UserFaultKind> user_fault_kind(const SpaceFault& fault) {
  const Vma& vma = *fault.vma;
  if (!leaf::is_empty(fault.entry)) {
    const bool waits = fault.is_write() && leaf::is_resident(fault.entry) && leaf::is_protected(fault.entry);
    return waits ? std::optional(UserFaultKind::WriteProtected) : std::nullopt;
  }
  if (vma.is_anonymous()) {
    if (!vma.has(vm::kUserMissing)) return std::nullopt;
    return UserFaultKind::Missing;
  }
  const std::uint64_t page = vma.page_in_object(fault.page());
  if (page >= vma.object->pages()) return std::nullopt;
  const bool is_there = !vma.object->page(page).is_nowhere();
  if (!vma.has(is_there ? vm::kUserMinor : vm::kUserMissing)) return std::nullopt;
  return is_there ? UserFaultKind::Minor : UserFaultKind::Missing;
}

namespace {

// Whether the handler has not done yet what the fault asks for (Linux's userfaultfd_must_wait).
bool must_wait(const SpaceFault& fault, UserFaultKind kind) {
  const auto leaf = fault.space.find_leaf(fault.page());
  const paging::Entry entry(leaf ? *leaf->slot : 0);
  if (leaf::is_empty(entry)) return true;
  return kind == UserFaultKind::WriteProtected && leaf::is_protected(entry);
}

}  // namespace

FaultOutcome hand_to_user(SpaceFault& fault) {
  const auto kind = user_fault_kind(fault);
  if (!kind) return FaultOutcome::Pass;
  if (kind != UserFaultKind::WriteProtected && fault.is_write() && !fault.vma->has(vm::kShared))
    fault.space.join_family(*fault.vma);  // Linux prepares for an anonymous page before it asks
  const std::shared_ptr<UserFaults> user = fault.vma->user->shared_from_this();
  fault.reason = FaultReason::UserFault;
  if (fault.is_call || user->features().raises_bus_errors) return FaultOutcome::BusError;
  fault.waits_for = user.get();
  if (!user->handler()) return FaultOutcome::Blocked;
  const UserFaults::Handler handler = user->handler();  // it may be replaced meanwhile
  if (!handler({fault.address, *kind, fault.is_write()})) {
    fault.kernel().fail_hook(HookPoint::UserFault);
    return fault.out_of_memory();
  }
  const bool waits = user->space() != nullptr && must_wait(fault, *kind);
  return waits ? FaultOutcome::Blocked : FaultOutcome::Retry;
}

}  // namespace pw::mm
