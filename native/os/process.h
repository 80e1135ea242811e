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

// Whether the access that was refused is tried again.
enum class SignalAnswer : std::uint8_t { Return, Exit };
using SignalHandler = std::function<SignalAnswer(const Violation& violation)>;

struct FaultCounters {
  std::array<std::uint64_t, mm::kFaultReasons> by_reason{};
  std::uint64_t minor = 0;
  std::uint64_t major = 0;
  std::uint64_t refused = 0;  // signals, and faults for which there was no memory
  std::uint64_t time_ns = 0;  // simulated, devices included

  std::uint64_t total() const { return minor + major + refused; }
};

enum class ProcessState : std::uint8_t {
  Running,
  Suspended,  // until a child that shares its address space execs or exits (vfork)
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

  Descriptors& descriptors() { return descriptors_; }
  FaultCounters& faults() { return faults_; }
  const FaultCounters& faults() const { return faults_; }
  void set_signal_handler(Signal signal, SignalHandler handler) { handlers_[signal] = std::move(handler); }
  const SignalHandler* signal_handler(Signal signal) const {
    const auto found = handlers_.find(signal);
    return found == handlers_.end() || !found->second ? nullptr : &found->second;
  }
  // -1000 (never killed for memory) to 1000.
  int oom_score_adjustment() const { return oom_score_adjustment_; }
  void set_oom_score_adjustment(int adjustment) { oom_score_adjustment_ = adjustment; }

 private:
  friend class ProcessTable;

  void inherit(const Process& parent) {
    descriptors_ = parent.descriptors_;
    handlers_ = parent.handlers_;
    oom_score_adjustment_ = parent.oom_score_adjustment_;
  }

  Pid pid_;
  Pid parent_;
  std::shared_ptr<mm::AddressSpace> space_;
  ProcessState state_ = ProcessState::Running;
  Signal end_signal_ = Signal::None;
  Descriptors descriptors_;
  FaultCounters faults_;
  std::map<Signal, SignalHandler> handlers_;
  int oom_score_adjustment_ = 0;
};

}  // namespace pw::os
