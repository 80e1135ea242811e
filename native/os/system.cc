// SPDX-License-Identifier: MIT
#include "os/system.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "mm/fault/chain.h"
#include "mm/health.h"

namespace pw::os {

using mm::FaultOutcome;
using mm::FaultReason;
using mmu::Exception;

namespace {

constexpr std::int32_t kSiKernel = 0x80;  // SI_KERNEL: no address is known
constexpr std::int32_t kBusAdrErr = 2;

paging::Operation operation_of(AccessKind kind) { return mmu::operation_of(kind); }

}  // namespace

std::unique_ptr<System> System::boot(const SystemConfig& config, std::vector<Error>& violations) {
  violations = mm::check(config.kernel);
  for (const Error& error : tlb::check(config.cpu.tlb)) violations.push_back(error);
  for (const Error& error : tlb::check(config.cpu.structure_caches)) violations.push_back(error);
  if (config.cpu.tlb.way_choice != tlb::WayChoice::Lru)
    violations.push_back({ErrorCode::InvalidConfig, "tlb: expected the way choice lru of a system"});
  if (!violations.empty()) return nullptr;
  return std::unique_ptr<System>(new System(config));
}

System::System(const SystemConfig& config)
    : config_(config),
      cpu_(config.cpu),
      kernel_(std::make_unique<mm::Kernel>(config.kernel, cpu_)),
      processes_(*kernel_),
      files_(*kernel_),
      violations_(config.violations_kept) {
  cpu_.connect(kernel_->memory(), config.kernel.levels);
  kernel_->set_out_of_memory(this);
  install_gates();
}

System::~System() {
  processes_.for_each([&](Process& process) { processes_.end(process); });
}

void System::install_gates() {
  exceptions_.set_gate(Exception::kPageFault,
                       [this](const TrapFrame& frame) { return on_page_fault(frame); });
  exceptions_.set_gate(Exception::kGeneralProtection,
                       [this](const TrapFrame& frame) { return on_general_protection(frame); });
}

Accessed System::access(Process& process, VirtAddr address, AccessKind kind, VirtAddr instruction_pointer) {
  if (exceptions_.triple_fault()) return {.end = AccessEnd::Halted};
  if (!process.is_running()) return {.end = AccessEnd::NotRunning};
  cpu_.run(process.space());
  const mmu::Access wanted{address, 1, {.operation = operation_of(kind)}};
  mmu::AccessOutcome outcome = cpu_.mmu().access(wanted);
  if (outcome.exception) [[unlikely]] {
    current_ = {&process, address, kind, {}};
    do {
      if (exceptions_.deliver({*outcome.exception, instruction_pointer}) == TrapAnswer::Refuse) {
        if (exceptions_.triple_fault()) current_.result.end = AccessEnd::Halted;
        current_.process = nullptr;
        return current_.result;
      }
      if (!process.is_running()) return {.end = AccessEnd::NotRunning};
      cpu_.run(process.space());
      outcome = cpu_.mmu().access(wanted);
    } while (outcome.exception);
    current_.process = nullptr;
  } else {
    current_.result = {};
  }
  current_.result.physical = outcome.first.address;
  current_.result.page_size = outcome.first.size;
  if (config_.kernel.exact)
    kernel_->resident().touch(frame_of(outcome.first.address));
  else
    kernel_->resident().advance_time();
  return current_.result;
}

TrapResult System::on_page_fault(const TrapFrame& frame) {
  Process& process = *current_.process;
  mm::SpaceFault fault{
      .space = process.space(), .address = *frame.exception.cr2, .error_code = frame.exception.error_code};
  const FaultOutcome outcome = mm::handle(fault);
  if (kill_current_) return {fail_for_memory()};
  FaultCounters& faults = process.faults();
  ++faults.by_reason[static_cast<std::size_t>(fault.reason)];
  Accessed& result = current_.result;
  ++result.faults;
  result.reason = fault.reason;
  switch (outcome) {
    case FaultOutcome::ResolvedMajor: {
      ++faults.major;
      result.was_major = true;
      const std::uint64_t ns = config_.costs.major_ns + fault.device_ns;
      faults.time_ns += ns;
      time_ns_ += ns;
      return {TrapAnswer::Resume};
    }
    case FaultOutcome::OutOfMemory: return {fail_for_memory()};
    case FaultOutcome::SegmentationFault:
    case FaultOutcome::BusError: break;
    default:
      ++faults.minor;
      faults.time_ns += config_.costs.minor_ns;
      time_ns_ += config_.costs.minor_ns;
      return {TrapAnswer::Resume};
  }
  ++faults.refused;
  const bool is_bus = outcome == FaultOutcome::BusError;
  return {signal({process.pid(), fault.address, frame.instruction_pointer, current_.kind, fault.error_code,
                  fault.reason, is_bus ? Signal::Bus : Signal::Segv,
                  is_bus ? kBusAdrErr : static_cast<std::int32_t>(fault.code), time_ns_})};
}

// Of a user's access: the address is not canonical.
TrapResult System::on_general_protection(const TrapFrame& frame) {
  ++current_.process->faults().refused;
  current_.result.reason = FaultReason::BadAddress;
  return {signal({current_.process->pid(), current_.address, frame.instruction_pointer, current_.kind,
                  frame.exception.error_code, FaultReason::BadAddress, Signal::Segv, kSiKernel, time_ns_})};
}

TrapAnswer System::signal(const Violation& violation) {
  violations_.add(violation);
  Process& process = *current_.process;
  current_.result.end = AccessEnd::Signaled;
  if (const SignalHandler* handler = process.signal_handler(violation.signal)) {
    const SignalHandler called = *handler;  // it may be replaced meanwhile
    if (called(violation) == SignalAnswer::Return) {
      current_.result.end = AccessEnd::Done;
      return TrapAnswer::Resume;
    }
  } else if (config_.on_violation == OnViolation::RecordOnly) {
    return TrapAnswer::Refuse;
  }
  processes_.end(process, violation.signal);
  return TrapAnswer::Refuse;
}

TrapAnswer System::fail_for_memory() {
  ++current_.process->faults().refused;
  current_.result.reason = FaultReason::OutOfMemory;
  if (kernel_->has_hook_failure()) {
    kill_current_ = false;
    current_.result.end = AccessEnd::HookFailed;
    return TrapAnswer::Refuse;
  }
  ++out_of_memory_.failed;
  current_.result.end = AccessEnd::OutOfMemory;
  if (std::exchange(kill_current_, false)) {
    processes_.end(*current_.process, Signal::Kill);
    ++out_of_memory_.killed;
    --out_of_memory_.failed;
  }
  return TrapAnswer::Refuse;
}

std::vector<std::string> System::validate() {
  std::vector<std::string> violations = mm::validate(*kernel_);
  std::size_t spaces = 0;
  kernel_->for_each_space([&](mm::AddressSpace&) { ++spaces; });
  std::vector<const mm::AddressSpace*> used;
  processes_.for_each([&](Process& process) {
    if (process.state() == ProcessState::Ended) return;
    if (std::find(used.begin(), used.end(), &process.space()) == used.end()) used.push_back(&process.space());
  });
  if (used.size() != spaces)
    violations.push_back(std::to_string(spaces) + " address spaces exist, " + std::to_string(used.size()) +
                         " have a process");
  for (const std::string& violation : cpu_.validate(*kernel_)) violations.push_back(violation);
  return violations;
}

}  // namespace pw::os
