// SPDX-License-Identifier: MIT
// Asks JavaScript what to do about a page fault.
//
// Only on the JavaScript thread, with the machine suspended at the faulting access: runs with a handler
// are executed there in slices. The fields of the fault travel by mailbox; the function takes
// no argument and answers with a small integer: the index of a mm::FaultOutcome, or kPending, or kFailed
// when a handler broke down (lib/fault-handler.ts then knows why).
#pragma once

#include <napi.h>

#include "binding/mailbox.h"
#include "mm/fault/handler.h"

namespace pw::binding {

class FaultBridge final : public mm::FaultHandler {
 public:
  static constexpr std::int32_t kPending = 7;
  static constexpr std::int32_t kFailed = 8;

  FaultBridge(Napi::Function ask, Mailbox& mailbox) : ask_(Napi::Persistent(ask)), mailbox_(mailbox) {}

  mm::FaultReply handle(const mm::Fault& fault) override;
  // The machine waits for the handler's answer right now.
  bool is_asking() const { return asking_; }

 private:
  mm::FaultReply ask();

  Napi::FunctionReference ask_;
  Mailbox& mailbox_;
  bool asking_ = false;
};

// The reply behind an answer of JavaScript's; anything unknown is a failure.
mm::FaultReply reply_of(std::int32_t answer);

}  // namespace pw::binding
