// SPDX-License-Identifier: MIT
// A system: one core, its memory, the processes that share it; what an operating system does when an access faults.
//
// An access goes through the MMU; an exception through the IDT to a handler, which for page faults is the chain
// of mm/fault/. What the chain refuses is logged and becomes a signal: the process's handler decides, without one
// the process ends. When no frame can be had, the hook is asked, then the process with the highest badness is
// killed, then the fault fails.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/boot_sequence.h"
#include "base/health_report.h"
#include "base/number_option.h"
#include "base/result.h"
#include "base/timing.h"
#include "mm/fault/forecast.h"
#include "mm/kernel.h"
#include "os/cpu.h"
#include "os/exception_path.h"
#include "os/files.h"
#include "os/process_table.h"
#include "os/violation_log.h"

namespace pw::os {

// Simulated time of what a fault does that is not a device's, in nanoseconds. Where each figure comes from stands in
// docs/reference/configuration.md.
struct FaultCosts {
  std::uint64_t minor_ns = 500;   // entry, handler, return
  std::uint64_t major_ns = 1000;  // the same of a fault that waits for a device, beyond that wait
  std::uint64_t zero_ns = 100;    // a page filled with zeros
  std::uint64_t copy_ns = 200;    // a page copied on a write
};

// Pages filled with zeros and copied so far.
struct PageWork {
  std::uint64_t zeroed = 0;
  std::uint64_t copied = 0;

  static PageWork of(const mm::KernelCounters& counters) {
    return {counters.zeroed_pages, counters.copied_pages};
  }
  // The time of those since.
  std::uint64_t ns_until(const mm::KernelCounters& now, const FaultCosts& costs) const {
    return (now.zeroed_pages - zeroed) * costs.zero_ns + (now.copied_pages - copied) * costs.copy_ns;
  }
};

// What the default action of SIGSEGV and SIGBUS does.
enum class OnViolation : std::uint8_t { EndProcess, RecordOnly };

struct SystemConfig {
  mm::KernelConfig kernel;
  CpuConfig cpu;
  FaultCosts costs;
  OnViolation on_violation = OnViolation::EndProcess;
  std::size_t violations_kept = 65536;
  std::uint64_t validate_every = 0;  // faults between two checks of every invariant; 0: none
  bool fault_shortcut = true;        // the commonest fault is served in one line, all as the chain does
};

enum class AccessEnd : std::uint8_t {
  Done,
  Signaled,     // refused; `violation` says why
  OutOfMemory,  // no frame could be had, or the process was killed for one
  NotRunning,   // the process has ended or is suspended
  Halted,       // the machine stopped: triple_fault() says why
  HookFailed,   // kernel().take_hook_failure() says why
  Failed,       // a handler broke down; whoever installed it knows why
  Refused,      // a replaced exception handler did not let it complete
  Pending,      // the page-fault handler answers later; then it is to be made again
  Blocked,      // the process waits for a handler of its own; to be tried again when it runs
  Unhealthy,    // a check of the invariants failed: unhealthy() says which
};

struct Accessed {
  AccessEnd end = AccessEnd::Done;
  PhysAddr physical = {};
  PageSize page_size = PageSize::Size4KiB;
  unsigned faults = 0;
  bool was_major = false;
  mm::FaultReason reason = mm::FaultReason::Spurious;  // of the last fault
};

// What the hook for memory that has run out is told, and what it may decide.
struct OutOfMemoryRequest {
  Pid pid = 0;  // whose access it is; 0: a memory call's, or a new process's
};
struct OutOfMemoryAnswer {
  enum class Kind : std::uint8_t {
    Default,   // the process with the highest badness is killed
    MadeRoom,  // frames are free, or pages may be evicted that could not
    Discard,   // pages of a process are given up, as madvise(MADV_DONTNEED) does
    Kill,      // this process is killed
    Refuse,    // nobody is killed: the operation fails
    Failed,    // the hook broke down
  };
  Kind kind = Kind::Default;
  Pid pid = 0;                // of Discard and Kill; it has not ended
  std::uint64_t address = 0;  // of Discard: whole pages, none of them locked
  std::uint64_t bytes = 0;
};

// A page fault as a handler ahead of the chain sees it.
struct PageFault {
  Pid pid = 0;
  VirtAddr address;
  VirtAddr instruction_pointer;
  AccessKind access = AccessKind::Load;
  std::uint32_t error_code = 0;
  mm::FaultForecast forecast;
};

// What a process passes in registers: rdi, rsi, rdx, r10, r8, r9.
using CallArguments = std::array<std::uint64_t, 6>;

struct OutOfMemoryCounters {
  std::uint64_t hook_helped = 0;  // made room, or gave pages up
  std::uint64_t killed = 0;
  std::uint64_t failed = 0;
};

std::span<const NumberOption<SystemConfig>> number_options();

class System final : private mm::OutOfMemory {
  // The access or call under way, for the handlers. A signal handler may make others meanwhile.
  struct Current {
    Process* process;
    VirtAddr address = {};
    AccessKind kind = AccessKind::Load;
    Accessed* result = nullptr;    // of an access
    bool is_to_be_killed = false;  // for memory, as soon as its address space is not in use any more
    Current* outer = nullptr;      // what was under way before

    Current(System& of, Process& whose) : process(&whose), outer(of.current_), system_(of) {
      of.current_ = this;
    }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;
    ~Current() { system_.current_ = outer; }

   private:
    System& system_;
  };

 public:
  // Asked before anybody is killed; must not call the system, but for what makes room in other processes.
  using OutOfMemoryHook = std::function<OutOfMemoryAnswer(const OutOfMemoryRequest&)>;

  // Asked about every page fault of an access before the chain. Pass leaves the fault to the chain, and so do the
  // Resolved ones, which say how it is counted if the chain gives the page. Must not call the system.
  using PageFaultHandler = std::function<mm::FaultReply(const PageFault&)>;

  // Every violation of the configuration, or a system.
  static std::unique_ptr<System> boot(const SystemConfig& config, std::vector<Error>& violations);
  // The same in the steps of a sequence of the caller's.
  static std::unique_ptr<System> boot(const SystemConfig& config, std::vector<Error>& violations,
                                      BootSequence sequence);
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  ~System() override;

  const SystemConfig& config() const { return config_; }
  mm::Kernel& kernel() { return *kernel_; }
  ProcessTable& processes() { return processes_; }
  Files& files() { return files_; }
  Cpu& cpu() { return cpu_; }
  ExceptionPath& exceptions() { return exceptions_; }
  const ViolationLog& violations() const { return violations_; }
  const OutOfMemoryCounters& out_of_memory() const { return out_of_memory_; }
  std::uint64_t time_ns() const { return time_ns_; }
  // Faults that SystemConfig::fault_shortcut served.
  std::uint64_t fault_shortcuts() const { return fault_shortcuts_; }
  // Whose access or call is under way; 0: nobody's.
  Pid current_pid() const { return current_ == nullptr ? 0 : current_->process->pid(); }
  // Accesses of all processes, by kind.
  const std::array<std::uint64_t, kAccessKinds>& accesses() const { return accesses_; }
  void set_out_of_memory_hook(OutOfMemoryHook hook) { hook_ = std::move(hook); }

  void set_page_fault_handler(PageFaultHandler handler) { page_fault_handler_ = std::move(handler); }

  // While it lives, a memory call of the process is under way: if its memory is what the killer wants, it ends
  // when the call is over.
  class Call {
   public:
    Call(System& system, Process& process);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

   private:
    System& system_;
    std::optional<Current> current_;
  };

  // One access of a process in user mode, until it completes or is refused.
  Accessed access(Process& process, VirtAddr address, AccessKind kind,
                  VirtAddr instruction_pointer = VirtAddr(0));
  // A system call (os/system_calls.h). A process that is killed for memory meanwhile ends when the call is over, with
  // ENOMEM. REQUIRES: the process is running.
  mm::CallResult call(Process& process, std::uint64_t number, const CallArguments& arguments);
  // Bytes through the MMU, a page at a time: how many were copied before an access was refused.
  // REQUIRES: the system has contents.
  // `last` becomes what the last access did.
  std::uint64_t read(Process& process, std::uint64_t address, std::span<std::byte> to,
                     Accessed* last = nullptr);
  std::uint64_t write(Process& process, std::uint64_t address, std::span<const std::byte> from,
                      Accessed* last = nullptr);
  // process_vm_readv and process_vm_writev for one range each: between a buffer and another process, without
  // signals. The bytes copied; EFAULT if there were none, ESRCH if the process has no memory any more.
  mm::CallResult read_remote(Process& remote, std::uint64_t address, std::span<std::byte> to);
  mm::CallResult write_remote(Process& remote, std::uint64_t address, std::span<const std::byte> from);

  // A mapping of so many bytes, all of it or nothing. Rights are PROT_ bits. Errors: mmap's, EINVAL for rights.
  mm::CallResult allocate_region(Process& process, std::uint64_t bytes, std::uint64_t rights);
  // REQUIRES of callers: exactly a region that was allocated. Errors: EINVAL.
  mm::Errno free_region(Process& process, std::uint64_t address, std::uint64_t bytes);

  // Linux's oom_badness: resident and swapped pages and tables, and the adjustment in thousandths of all memory.
  std::int64_t badness(const Process& process) const;
  // Of memory, tables, TLBs and processes, check by check.
  HealthReport health();
  // What the checks found, each violation one sentence. Empty: healthy.
  std::vector<std::string> validate() { return problems_of(health()); }
  // What each step of the boot made.
  const BootLog& boot_log() const { return boot_log_; }
  // After AccessEnd::Unhealthy: what the checks found.
  const std::string& unhealthy() const { return unhealthy_; }

 private:
  System(const SystemConfig& config, BootSequence& boot);

  void install_gates();
  mmu::AccessOutcome reach(Process& process, const mmu::Access& wanted);
  bool serve_at_once(Process& process, const mmu::Access& wanted, mmu::AccessOutcome& outcome,
                     Accessed& result);
  PW_NOINLINE void serve_exception(Process& process, const mmu::Access& wanted, AccessKind kind,
                                   VirtAddr instruction_pointer, mmu::AccessOutcome& outcome,
                                   Accessed& result);
  AccessEnd end_of(TrapAnswer answer) const;
  AccessEnd serve_until_done(Process& process, const mmu::Access& wanted, VirtAddr instruction_pointer,
                             mmu::AccessOutcome& outcome);
  TrapResult on_page_fault(const TrapFrame& frame);
  std::optional<TrapResult> ask_page_fault_handler(mm::SpaceFault& fault, const TrapFrame& frame,
                                                   mm::FaultOutcome& told);
  TrapResult conclude(const mm::SpaceFault& fault, mm::FaultOutcome outcome, const TrapFrame& frame);
  TrapResult on_general_protection(const TrapFrame& frame);
  TrapAnswer signal(const Violation& violation);
  TrapAnswer block(mm::UserFaults& user);
  TrapAnswer fail_for_memory();
  static void count_reason(FaultCounters& faults, mm::FaultReason reason, Accessed& result) {
    ++faults.by_reason[static_cast<std::size_t>(reason)];
    ++result.faults;
    result.reason = reason;
  }
  void count_minor(FaultCounters& faults) {
    ++faults.minor;
    charge(faults, config_.costs.minor_ns);
  }
  // What the fault took besides the pages that it filled, which are found out here.
  void charge(FaultCounters& faults, std::uint64_t ns) {
    ns += work_before_.ns_until(kernel_->counters(), config_.costs);
    faults.time_ns += ns;
    time_ns_ += ns;
  }
  TrapResult resume_if_healthy() {
    ++faults_resolved_;
    const bool is_time = config_.validate_every != 0 && faults_resolved_ % config_.validate_every == 0;
    return is_time ? resume_after_check() : TrapResult{TrapAnswer::Resume};
  }
  PW_NOINLINE TrapResult resume_after_check();
  bool relieve() override;
  enum class Relief : std::uint8_t { MadeRoom, NotHelped, Final };
  Relief ask_for_room();
  Relief make_room_as_asked(const OutOfMemoryAnswer& answer);
  bool has_room();
  bool discard(const OutOfMemoryAnswer& answer);
  bool kill(Process& process);
  Process* choose_process_to_kill();
  template <class Copy>
  std::uint64_t for_each_page(Process& process, std::uint64_t address, std::uint64_t bytes, AccessKind kind,
                              Accessed* last, Copy copy);
  template <class Copy>
  mm::CallResult for_each_remote_page(Process& remote, std::uint64_t address, std::uint64_t bytes, bool write,
                                      Copy copy);

  SystemConfig config_;
  BootLog boot_log_;
  Cpu cpu_;
  std::unique_ptr<mm::Kernel> kernel_;
  ProcessTable processes_;
  Files files_;
  ExceptionPath exceptions_;
  ViolationLog violations_;
  OutOfMemoryCounters out_of_memory_;
  OutOfMemoryHook hook_;
  PageFaultHandler page_fault_handler_;
  Current* current_ = nullptr;
  PageWork work_before_;  // the fault under way
  std::string unhealthy_;
  std::uint64_t faults_resolved_ = 0;
  std::uint64_t fault_shortcuts_ = 0;
  std::uint64_t time_ns_ = 0;
  std::array<std::uint64_t, kAccessKinds> accesses_{};
};

}  // namespace pw::os
