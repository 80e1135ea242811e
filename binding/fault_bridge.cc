// SPDX-License-Identifier: MIT
// Asks JavaScript what to do about a page fault.
#include "binding/fault_bridge.h"

#include "binding/callback.h"

namespace pw::binding {

mm::FaultReply reply_of(std::int32_t answer) {
  if (answer == FaultBridge::kPending) return {.pending = true};
  if (answer < 0 || answer >= FaultBridge::kFailed) return {.failed = true};
  return {.outcome = static_cast<mm::FaultOutcome>(answer)};
}

mm::FaultReply FaultBridge::handle(const mm::Fault& fault) {
  if (deadline_ && Clock::now() >= *deadline_) {
    put_off_ = fault;
    return {.pending = true};
  }
  return ask_about(fault);
}

mm::FaultReply FaultBridge::ask_put_off() {
  const mm::Fault fault = *put_off_;
  put_off_.reset();
  return ask_about(fault);
}

mm::FaultReply FaultBridge::ask_about(const mm::Fault& fault) {
  if (ask_.IsEmpty()) return {};
  const auto pointer = fault.instruction_pointer;
  mailbox_.put_fault(fault.address.value(), fault.error_code, static_cast<unsigned>(fault.access),
                     static_cast<unsigned>(fault.kind), pointer.has_value(), pointer ? pointer->value() : 0);
  asking_ = true;
  const mm::FaultReply reply = reply_of(ask_for_number(ask_, kFailed));
  asking_ = false;
  return reply;
}

}  // namespace pw::binding
