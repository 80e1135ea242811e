// SPDX-License-Identifier: MIT
// Accesses that were refused: who, where, why; the latest ones, and how many there were.
#pragma once

#include <cstdint>
#include <deque>

#include "base/access.h"
#include "mm/fault/space_fault.h"

namespace pw::os {

using Pid = std::uint32_t;

// Numbers of signal(7) on x86-64.
enum class Signal : std::uint8_t { None = 0, Bus = 7, Kill = 9, Segv = 11 };

struct Violation {
  Pid pid = 0;
  VirtAddr address;
  VirtAddr instruction_pointer;
  AccessKind access = AccessKind::Load;
  std::uint32_t error_code = 0;
  mm::FaultReason reason = mm::FaultReason::BadAddress;
  Signal signal = Signal::Segv;
  std::int32_t si_code = 0;
  std::uint64_t time_ns = 0;  // simulated
};

class ViolationLog {
 public:
  explicit ViolationLog(std::size_t most) : most_(most) {}

  void add(const Violation& violation) {
    ++count_;
    last_ = violation;
    if (most_ == 0) return;
    if (violations_.size() == most_) violations_.pop_front();
    violations_.push_back(violation);
  }
  // REQUIRES: count() > 0
  const Violation& last() const { return last_; }
  // The oldest first.
  const std::deque<Violation>& latest() const { return violations_; }
  std::uint64_t count() const { return count_; }

 private:
  std::size_t most_;
  std::deque<Violation> violations_;
  Violation last_;
  std::uint64_t count_ = 0;
};

}  // namespace pw::os
