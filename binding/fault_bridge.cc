// SPDX-License-Identifier: MIT
// Asks JavaScript what to do about a page fault.
#include "binding/fault_bridge.h"

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
  const auto pointer = fault.instruction_pointer;
  mailbox_.put_fault(fault.address.value(), fault.error_code, static_cast<unsigned>(fault.access),
                     static_cast<unsigned>(fault.kind), pointer.has_value(), pointer ? pointer->value() : 0);
  asking_ = true;
  const mm::FaultReply reply = ask();
  asking_ = false;
  return reply;
}

mm::FaultReply FaultBridge::ask() {
  const napi_env env = ask_.Env();
  napi_handle_scope scope = nullptr;
  napi_value function = nullptr, receiver = nullptr, answer = nullptr;
  std::int32_t number = kFailed;
  napi_open_handle_scope(env, &scope);
  // A call fails when the environment is being terminated; lib/fault-handler.ts lets nothing else escape.
  const bool answered = napi_get_reference_value(env, ask_, &function) == napi_ok &&
                        napi_get_undefined(env, &receiver) == napi_ok &&
                        napi_call_function(env, receiver, function, 0, nullptr, &answer) == napi_ok &&
                        napi_get_value_int32(env, answer, &number) == napi_ok;
  napi_close_handle_scope(env, scope);
  return reply_of(answered ? number : kFailed);
}

}  // namespace pw::binding
