// SPDX-License-Identifier: MIT
// Asks JavaScript what to do about a page fault.
//
// Only on the JavaScript thread, with the machine suspended at the faulting access: runs with hooks are
// executed there in slices, which end at a fault. The fields of the fault travel by mailbox; the function takes
// no argument and answers with a small integer: the index of a mm::FaultOutcome, or kPending, or kFailed
// when a handler broke down (lib/fault-handler.ts then knows why).
#pragma once

#include <napi.h>

#include <chrono>
#include <optional>

#include "binding/mailbox.h"
#include "mm/fault/handler.h"

namespace pw::binding {

class FaultBridge final : public mm::FaultHandler {
 public:
  static constexpr std::int32_t kPending = 7;
  static constexpr std::int32_t kFailed = 8;

  // Asks nobody: every fault is passed on, and slices end in time.
  explicit FaultBridge(Mailbox& mailbox) : mailbox_(mailbox) {}
  FaultBridge(Napi::Function ask, Mailbox& mailbox) : ask_(Napi::Persistent(ask)), mailbox_(mailbox) {}

  mm::FaultReply handle(const mm::Fault& fault) override;

  // From here on, a fault after the deadline is put off instead of asked about: handle() answers
  // "pending", so that the slice ends. nullopt: no deadline.
  using Clock = std::chrono::steady_clock;
  void set_deadline(std::optional<Clock::time_point> deadline) { deadline_ = deadline; }
  bool has_put_off() const { return put_off_.has_value(); }
  // Asks about the fault that was put off. REQUIRES: has_put_off()
  mm::FaultReply ask_put_off();
  void forget_put_off() { put_off_.reset(); }

  // The machine waits for the handler's answer right now.
  bool is_asking() const { return asking_; }

 private:
  mm::FaultReply ask_about(const mm::Fault& fault);

  Napi::FunctionReference ask_;
  Mailbox& mailbox_;
  bool asking_ = false;
  std::optional<Clock::time_point> deadline_;
  std::optional<mm::Fault> put_off_;
};

// The reply behind an answer of JavaScript's; anything unknown is a failure.
mm::FaultReply reply_of(std::int32_t answer);

}  // namespace pw::binding
