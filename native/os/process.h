// SPDX-License-Identifier: MIT
// A process as far as its memory goes: address space, open files, signal handlers, what its faults were.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "mm/calls/calls.h"
#include "os/descriptors.h"
#include "os/violation_log.h"

namespace pw::os {

// What becomes of the access that was refused.
enum class SignalAnswer : std::uint8_t {
  Return,  // it is tried again
  Exit,    // the process ends
  Fail,    // the handler broke down: the access does not complete, and the process goes on
};
using SignalHandler = std::function<SignalAnswer(const Violation& violation)>;

struct FaultCounters {
  std::array<std::uint64_t, mm::kFaultReasons> by_reason{};
  std::uint64_t minor = 0;
  std::uint64_t major = 0;
  std::uint64_t refused = 0;  // signals, and faults for which there was no memory
  std::uint64_t time_ns = 0;  // simulated, devices included

  std::uint64_t total() const { return minor + major + refused; }
  void add(const FaultCounters& more) {
    for (std::size_t i = 0; i < by_reason.size(); ++i) by_reason[i] += more.by_reason[i];
    minor += more.minor;
    major += more.major;
    refused += more.refused;
    time_ns += more.time_ns;
  }
};

enum class ProcessState : std::uint8_t {
  Running,
  Suspended,  // until a child that shares its address space execs or exits (vfork)
  Blocked,    // until a handler of its own wakes the page that it waits for
  Ended,
};

class Process {
 public:
  Process(Pid pid, Pid parent, std::shared_ptr<mm::AddressSpace> space)
      : pid_(pid), parent_(parent), space_(std::move(space)) {}

  Pid pid() const { return pid_; }
  Pid parent() const { return parent_; }
  ProcessState state() const { return state_; }
  bool is_running() const { return state_ == ProcessState::Running; }
  // REQUIRES: it has not ended.
  mm::AddressSpace& space() const { return *space_; }
  // The signal that ended it; None if it exited.
  Signal end_signal() const { return end_signal_; }
  // What it exited with, 0 to 255.
  std::uint8_t exit_status() const { return exit_status_; }

  Descriptors& descriptors() { return descriptors_; }
  FaultCounters& faults() { return faults_; }
  const FaultCounters& faults() const { return faults_; }
  void set_signal_handler(Signal signal, SignalHandler handler) { handlers_[signal] = std::move(handler); }
  const SignalHandler* signal_handler(Signal signal) const {
    const auto found = handlers_.find(signal);
    return found == handlers_.end() || !found->second ? nullptr : &found->second;
  }
  // While the handler of a signal runs, the same signal is blocked.
  bool is_handling(Signal signal) const { return (handling_ & bit_of(signal)) != 0; }
  void set_handling(Signal signal, bool handles) {
    handling_ = handles ? handling_ | bit_of(signal) : handling_ & ~bit_of(signal);
  }
  // PKRU: two bits for each protection key, access and write disabled (Intel SDM vol. 3A, section 4.6.2).
  std::uint32_t pkru() const { return pkru_; }
  void set_pkru(std::uint32_t pkru) { pkru_ = pkru; }
  // -1000 (never killed for memory) to 1000.
  int oom_score_adjustment() const { return oom_score_adjustment_; }
  void set_oom_score_adjustment(int adjustment) { oom_score_adjustment_ = adjustment; }

 private:
  friend class ProcessTable;
  friend class System;

  static constexpr std::uint32_t bit_of(Signal signal) { return 1u << static_cast<unsigned>(signal); }
  void inherit(const Process& parent) {
    descriptors_ = parent.descriptors_;
    handlers_ = parent.handlers_;
    oom_score_adjustment_ = parent.oom_score_adjustment_;
    pkru_ = parent.pkru_;
  }

  Pid pid_;
  Pid parent_;
  std::shared_ptr<mm::AddressSpace> space_;
  ProcessState state_ = ProcessState::Running;
  Signal end_signal_ = Signal::None;
  std::uint8_t exit_status_ = 0;
  std::uint32_t handling_ = 0;
  Descriptors descriptors_;
  FaultCounters faults_;
  std::map<Signal, SignalHandler> handlers_;
  int oom_score_adjustment_ = 0;
  std::uint32_t pkru_ = 0;
};

}  // namespace pw::os
