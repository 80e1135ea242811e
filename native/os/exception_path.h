// SPDX-License-Identifier: MIT
// How an exception reaches its handler: through the interrupt-descriptor table, whose gates can be replaced. An
// exception while one is delivered or handled becomes a double fault, one more stops the machine (Intel SDM vol. 3A,
// section 6.15, "Interrupt 8 - Double Fault Exception", table 6-5).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "mmu/exception.h"

namespace pw::os {

// What a handler finds: vector, error code, CR2 of page faults, and the saved RIP.
struct TrapFrame {
  mmu::Exception exception;
  VirtAddr instruction_pointer;
};

enum class TrapAnswer : std::uint8_t {
  Resume,  // IRET: the instruction is tried again
  Refuse,  // the instruction does not complete
  Fail,    // the handler broke down: it does not complete either, and nobody is to blame but the handler
};

struct TrapResult {
  TrapAnswer answer = TrapAnswer::Refuse;
  std::optional<mmu::Exception> raised = std::nullopt;  // by the handler itself
};

// A handler, or none: an empty gate is one whose P bit is clear.
class Gate {
 public:
  using Handler = std::function<TrapResult(const TrapFrame& frame)>;

  Gate() = default;
  template <class Function>
  Gate(Function handler) : handler_(std::move(handler)) {}  // NOLINT: what handles exceptions is a gate
  // One that the system made for itself.
  static Gate built_in(Handler handler) {
    Gate gate(std::move(handler));
    gate.is_built_in_ = true;
    return gate;
  }

  explicit operator bool() const { return static_cast<bool>(handler_); }
  TrapResult operator()(const TrapFrame& frame) const { return handler_(frame); }
  bool is_built_in() const { return is_built_in_; }

 private:
  Handler handler_;
  bool is_built_in_ = false;
};

// Why the machine stopped: the exceptions that led there, the first one first.
struct TripleFault {
  std::vector<TrapFrame> frames;
  std::string describe() const;
};

class ExceptionPath {
 public:
  static constexpr std::uint8_t kDoubleFault = 8;
  static constexpr std::uint8_t kSegmentNotPresent = 11;
  static constexpr unsigned kVectors = 256;

  // Delivery through an empty gate raises #NP.
  void set_gate(std::uint8_t vector, Gate gate) { gates_[vector] = std::move(gate); }
  const Gate& gate(std::uint8_t vector) const { return gates_[vector]; }

  // What delivery through an empty gate raises: #NP, which names the gate.
  static mmu::Exception missing_gate(std::uint8_t vector);
  // The answer of the handler in charge; Refuse once the machine stopped.
  TrapAnswer deliver(const TrapFrame& frame) {
    if (triple_fault_) return TrapAnswer::Refuse;
    const TrapResult result = invoke(frame);
    return result.raised ? deliver_after(frame, *result.raised) : result.answer;
  }
  const std::optional<TripleFault>& triple_fault() const { return triple_fault_; }

 private:
  TrapResult invoke(const TrapFrame& frame) const {
    const Gate& gate = gates_[frame.exception.vector];
    return gate ? gate(frame) : TrapResult{.raised = missing_gate(frame.exception.vector)};
  }
  PW_NOINLINE TrapAnswer deliver_after(const TrapFrame& first, mmu::Exception raised);

  std::array<Gate, kVectors> gates_;
  std::optional<TripleFault> triple_fault_;
};

}  // namespace pw::os
