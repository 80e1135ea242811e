// SPDX-License-Identifier: MIT
#include "os/system.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "mm/fault/chain.h"
#include "mm/fault/demand_zero.h"
#include "mm/user_faults.h"
#include "os/system_calls.h"

namespace pw::os {

using mm::FaultOutcome;
using mm::FaultReason;
using mmu::Exception;

namespace {

constexpr std::int32_t kSiKernel = 0x80;  // SI_KERNEL: no address is known
constexpr std::int32_t kBusAdrErr = 2;
// A handler that lets an access be tried again so often without mending anything never will.
constexpr unsigned kMostAttempts = 1024;

paging::Operation operation_of(AccessKind kind) { return mmu::operation_of(kind); }

}  // namespace

System::~System() {
  processes_.for_each([&](Process& process) { processes_.end(process); });
}

void System::install_gates() {
  exceptions_.set_gate(Exception::kPageFault,
                       Gate::built_in([this](const TrapFrame& frame) { return on_page_fault(frame); }));
  exceptions_.set_gate(Exception::kGeneralProtection, Gate::built_in([this](const TrapFrame& frame) {
                         return on_general_protection(frame);
                       }));
}

// Looks for the VMA while the MMU finds out whether a fault stands.
PW_ALWAYS_INLINE mmu::AccessOutcome System::reach(Process& process, const mmu::Access& wanted) {
  return cpu_.mmu().access(
      wanted, [&process](VirtAddr address) { process.space().vmas_unsettled().approach(page_of(address)); });
}

Accessed System::access(Process& process, VirtAddr address, AccessKind kind, VirtAddr instruction_pointer) {
  if (exceptions_.triple_fault()) return {.end = AccessEnd::Halted};
  if (!process.is_running())
    return {.end = process.state() == ProcessState::Blocked ? AccessEnd::Blocked : AccessEnd::NotRunning};
  ++accesses_[static_cast<std::size_t>(kind)];
  cpu_.run(process.space(), process.pkru());
  const mmu::Access wanted{address, 1, {.operation = operation_of(kind)}};
  mmu::AccessOutcome outcome = reach(process, wanted);
  Accessed result;
  if (outcome.exception && !serve_at_once(process, wanted, outcome, result)) [[unlikely]] {
    serve_exception(process, wanted, kind, instruction_pointer, outcome, result);
    if (result.end != AccessEnd::Done) return result;
  }
  result.physical = outcome.first.address;
  result.page_size = outcome.first.size;
  if (config_.kernel.exact)
    kernel_->resident().touch(frame_of(outcome.first.address));
  else
    kernel_->resident().advance_time();
  return result;
}

// The first store to a page of anonymous memory, where nobody but the system has a say: all that the gate, the chain and
// the access that is made again would do. A #GP has another error code.
bool System::serve_at_once(Process& process, const mmu::Access& wanted, mmu::AccessOutcome& outcome,
                           Accessed& result) {
  constexpr std::uint32_t kStore = paging::error_code::kWrite | paging::error_code::kUser;
  const auto missing = cpu_.mmu().missing_leaf();
  if (missing.slot == nullptr || outcome.exception->error_code != kStore || page_fault_handler_ ||
      !config_.fault_shortcut || config_.validate_every != 0 ||
      !exceptions_.gate(Exception::kPageFault).is_built_in())
    return false;
  work_before_ = PageWork::of(kernel_->counters());
  if (!mm::first_store(process.space(), wanted.address, missing.slot_address)) return false;
  count_reason(process.faults(), FaultReason::DemandZero, result);
  count_minor(process.faults());
  ++faults_resolved_;
  ++fault_shortcuts_;
  if (!cpu_.mmu().complete(wanted.address, wanted.type, outcome)) outcome = reach(process, wanted);
  return !outcome.exception;
}

void System::serve_exception(Process& process, const mmu::Access& wanted, AccessKind kind,
                             VirtAddr instruction_pointer, mmu::AccessOutcome& outcome, Accessed& result) {
  Current current(*this, process);
  current.address = wanted.address;
  current.kind = kind;
  current.result = &result;
  result.end = serve_until_done(process, wanted, instruction_pointer, outcome);
  const bool is_to_come_again = result.end == AccessEnd::Pending || result.end == AccessEnd::Blocked;
  if (is_to_come_again) --accesses_[static_cast<std::size_t>(kind)];
}

// Until the access completes or is refused; `outcome` is that of the last attempt.
AccessEnd System::serve_until_done(Process& process, const mmu::Access& wanted, VirtAddr instruction_pointer,
                                   mmu::AccessOutcome& outcome) {
  for (unsigned attempt = 0; outcome.exception; ++attempt) {
    if (attempt == kMostAttempts) return AccessEnd::Failed;
    const TrapAnswer answer = exceptions_.deliver({*outcome.exception, instruction_pointer});
    if (answer != TrapAnswer::Resume || exceptions_.triple_fault()) [[unlikely]]
      return end_of(answer);
    if (!process.is_running()) return AccessEnd::NotRunning;
    cpu_.run(process.space(), process.pkru());
    outcome = reach(process, wanted);
  }
  return AccessEnd::Done;
}

// Of an access that is not to be tried again.
AccessEnd System::end_of(TrapAnswer answer) const {
  if (exceptions_.triple_fault()) return AccessEnd::Halted;
  if (answer == TrapAnswer::Fail) return AccessEnd::Failed;
  return current_->result->end == AccessEnd::Done ? AccessEnd::Refused : current_->result->end;
}

TrapResult System::on_page_fault(const TrapFrame& frame) {
  Process& process = *current_->process;
  mm::SpaceFault fault{
      .space = process.space(), .address = *frame.exception.cr2, .error_code = frame.exception.error_code};
  work_before_ = PageWork::of(kernel_->counters());
  FaultOutcome told = FaultOutcome::Pass;
  if (page_fault_handler_)
    if (const auto answer = ask_page_fault_handler(fault, frame, told)) return *answer;
  FaultOutcome outcome = mm::handle(fault);
  if (current_->is_to_be_killed) return {fail_for_memory()};
  const bool is_given = outcome == FaultOutcome::ResolvedMinor || outcome == FaultOutcome::ResolvedMajor;
  if (is_given && told != FaultOutcome::Pass) outcome = told;
  return conclude(fault, outcome, frame);
}

// What the handler ahead of the chain makes of the fault. Nothing: the chain decides, and `told` may say how the fault
// is counted.
std::optional<TrapResult> System::ask_page_fault_handler(mm::SpaceFault& fault, const TrapFrame& frame,
                                                         FaultOutcome& told) {
  const mm::FaultForecast forecast = mm::forecast(fault);
  const mm::FaultReply reply =
      page_fault_handler_({current_->process->pid(), fault.address, frame.instruction_pointer, current_->kind,
                           fault.error_code, forecast});
  if (reply.failed) return TrapResult{TrapAnswer::Fail};
  if (reply.pending) {
    current_->result->end = AccessEnd::Pending;
    return TrapResult{TrapAnswer::Refuse};
  }
  switch (reply.outcome) {
    case FaultOutcome::Retry: return TrapResult{TrapAnswer::Resume};
    case FaultOutcome::OutOfMemory: fault.reason = FaultReason::OutOfMemory; break;
    case FaultOutcome::BusError: fault.reason = FaultReason::BeyondObject; break;
    case FaultOutcome::SegmentationFault:
      if (forecast.kind == mm::FaultKind::Protection) fault.reason = forecast.reason;
      break;
    default: told = reply.outcome; return std::nullopt;
  }
  return conclude(fault, reply.outcome, frame);
}

// Counts what became of the fault, and lets the access go on or be refused.
TrapResult System::conclude(const mm::SpaceFault& fault, FaultOutcome outcome, const TrapFrame& frame) {
  Process& process = *current_->process;
  FaultCounters& faults = process.faults();
  Accessed& result = *current_->result;
  count_reason(faults, fault.reason, result);
  const auto count_major = [&] {
    ++faults.major;
    result.was_major = true;
    charge(faults, config_.costs.major_ns + fault.device_ns);
  };
  switch (outcome) {
    case FaultOutcome::Blocked: count_major(); return {block(*fault.waits_for)};
    case FaultOutcome::ResolvedMajor: count_major(); return resume_if_healthy();
    case FaultOutcome::OutOfMemory: return {fail_for_memory()};
    case FaultOutcome::SegmentationFault:
    case FaultOutcome::BusError: break;
    default: count_minor(faults); return resume_if_healthy();
  }
  ++faults.refused;
  const bool is_bus = outcome == FaultOutcome::BusError;
  return {signal({process.pid(), fault.address, frame.instruction_pointer, current_->kind, fault.error_code,
                  fault.reason, is_bus ? Signal::Bus : Signal::Segv,
                  is_bus ? kBusAdrErr : static_cast<std::int32_t>(fault.code), time_ns_})};
}

// The access that faulted is made again, unless something is wrong.
TrapResult System::resume_after_check() {
  const std::vector<std::string> problems = validate();
  if (problems.empty()) return {TrapAnswer::Resume};
  unhealthy_ =
      "after " + std::to_string(faults_resolved_) + " faults: " + problems.front() + more_of(problems);
  current_->result->end = AccessEnd::Unhealthy;
  return {TrapAnswer::Refuse};
}

// Of a user's access: the address is not canonical.
TrapResult System::on_general_protection(const TrapFrame& frame) {
  ++current_->process->faults().refused;
  current_->result->reason = FaultReason::BadAddress;
  return {signal({current_->process->pid(), current_->address, frame.instruction_pointer, current_->kind,
                  frame.exception.error_code, FaultReason::BadAddress, Signal::Segv, kSiKernel, time_ns_})};
}

TrapAnswer System::block(mm::UserFaults& user) {
  Process& process = *current_->process;
  process.state_ = ProcessState::Blocked;
  current_->result->end = AccessEnd::Blocked;
  user.wait({.address = current_->address}, [this, pid = process.pid()] {
    Process* const waiting = processes_.find(pid);
    if (waiting != nullptr && waiting->state_ == ProcessState::Blocked)
      waiting->state_ = ProcessState::Running;
  });
  return TrapAnswer::Refuse;
}

// A signal that comes while its own handler runs does what it does without one, as a blocked signal that an
// instruction raises.
TrapAnswer System::signal(const Violation& violation) {
  violations_.add(violation);
  Process& process = *current_->process;
  const Signal number = violation.signal;
  current_->result->end = AccessEnd::Signaled;
  const SignalHandler* handler = process.is_handling(number) ? nullptr : process.signal_handler(number);
  if (handler != nullptr) {
    const SignalHandler called = *handler;  // it may be replaced meanwhile
    process.set_handling(number, true);
    const SignalAnswer answer = called(violation);
    process.set_handling(number, false);
    if (answer == SignalAnswer::Return) return TrapAnswer::Resume;
    if (answer == SignalAnswer::Fail) return TrapAnswer::Fail;
  } else if (config_.on_violation == OnViolation::RecordOnly) {
    return TrapAnswer::Refuse;
  }
  processes_.end(process, number);
  return TrapAnswer::Refuse;
}

TrapAnswer System::fail_for_memory() {
  ++current_->process->faults().refused;
  current_->result->reason = FaultReason::OutOfMemory;
  if (kernel_->has_hook_failure()) {
    current_->is_to_be_killed = false;
    current_->result->end = AccessEnd::HookFailed;
    return TrapAnswer::Refuse;
  }
  ++out_of_memory_.failed;
  current_->result->end = AccessEnd::OutOfMemory;
  if (current_->is_to_be_killed) {
    processes_.end(*current_->process, Signal::Kill);
    ++out_of_memory_.killed;
    --out_of_memory_.failed;
  }
  return TrapAnswer::Refuse;
}

mm::CallResult System::call(Process& process, std::uint64_t number, const CallArguments& arguments) {
  mm::CallResult result;
  {
    const Call under_way(*this, process);
    result = system_call(*this, process, number, arguments);
  }
  return process.end_signal() == Signal::Kill ? mm::CallResult(mm::Errno::Enomem) : result;
}

}  // namespace pw::os
