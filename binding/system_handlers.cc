// SPDX-License-Identifier: MIT
// What a process and its system may be given besides calls: attributes, signal handlers, exception handlers; and how
// handlers of JavaScript's are asked.
#include "binding/errors.h"
#include "binding/fault_bridge.h"
#include "binding/system_values.h"
#include "binding/system_wrap.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

enum ExceptionAnswer : std::int32_t { kResume, kRefuse, kPass, kRaise };

mm::Limits limits_of(const Napi::Object& object) {
  mm::Limits limits;
  limits.address_space = unsigned_of(object.Get("addressSpace"), "limits.addressSpace");
  limits.data = unsigned_of(object.Get("data"), "limits.data");
  limits.stack = unsigned_of(object.Get("stack"), "limits.stack");
  limits.locked = unsigned_of(object.Get("locked"), "limits.locked");
  limits.may_lock_any = object.Get("mayLockAny").ToBoolean().Value();
  return limits;
}

}  // namespace

// (pid, { limits?, oomScoreAdjustment?, pkru? })
Napi::Value SystemWrap::set_attributes(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  const Napi::Object attributes = object_of(info[1], "attributes");
  if (const Napi::Value limits = attributes.Get("limits"); !limits.IsUndefined())
    process.space().limits() = limits_of(object_of(limits, "limits"));
  if (const Napi::Value pkru = attributes.Get("pkru"); !pkru.IsUndefined())
    process.set_pkru(static_cast<std::uint32_t>(unsigned_of(pkru, "pkru")));
  if (const Napi::Value score = attributes.Get("oomScoreAdjustment"); score.IsNumber())
    process.set_oom_score_adjustment(score.As<Napi::Number>().Int32Value());
  return {};
}

// (pid, signal, whether there is a handler)
Napi::Value SystemWrap::set_signal_handler(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  const auto signal = static_cast<os::Signal>(unsigned_of(info[1], "signal"));
  if (info[2].ToBoolean().Value())
    process.set_signal_handler(signal,
                               [this](const os::Violation& violation) { return ask_signal(violation); });
  else
    process.set_signal_handler(signal, nullptr);
  return {};
}

os::SignalAnswer SystemWrap::ask_signal(const os::Violation& violation) {
  const std::int32_t answer = asker_.ask(Asker::From::Process, kSignal,
                                         [&](Napi::Env env) { return violation_to_js(env, violation); });
  if (answer < 0 || answer > static_cast<std::int32_t>(os::SignalAnswer::Exit)) return os::SignalAnswer::Fail;
  return static_cast<os::SignalAnswer>(answer);
}

// (whether JavaScript is asked about page faults)
Napi::Value SystemWrap::set_fault_handler(const Napi::CallbackInfo& info) {
  if (info[0].ToBoolean().Value())
    system_->set_page_fault_handler([this](const os::PageFault& fault) { return ask_page_fault(fault); });
  else
    system_->set_page_fault_handler(nullptr);
  return {};
}

mm::FaultReply SystemWrap::ask_page_fault(const os::PageFault& fault) {
  return reply_of(asker_.ask(Asker::From::Kernel, kPageFault,
                             [&](Napi::Env env) { return page_fault_to_js(env, fault); }));
}

// (vector, "built-in", "ask" or "none")
Napi::Value SystemWrap::set_exception_handler(const Napi::CallbackInfo& info) {
  constexpr std::string_view kWhat[] = {"built-in", "ask", "none"};
  const auto vector = static_cast<std::uint8_t>(unsigned_of(info[0], "vector"));
  const auto what = choice_of<std::uint8_t>(info[1], "handler", kWhat);
  os::ExceptionPath& exceptions = system_->exceptions();
  built_in_gates_.try_emplace(vector, exceptions.gate(vector));
  if (what == 0)
    exceptions.set_gate(vector, built_in_gates_[vector]);
  else if (what == 1)
    exceptions.set_gate(vector, [this](const os::TrapFrame& frame) { return ask_exception(frame); });
  else
    exceptions.set_gate(vector, nullptr);
  return {};
}

// An exception that the handler raises comes by mailbox.
os::TrapResult SystemWrap::ask_exception(const os::TrapFrame& frame) {
  const std::int32_t answer = asker_.ask(Asker::From::Kernel, kException, [&](Napi::Env env) {
    Napi::Object object = trap_frame_to_js(env, frame);
    object["pid"] = to_js(env, system_->current_pid());
    return object;
  });
  switch (answer) {
    case kResume: return {os::TrapAnswer::Resume};
    case kRefuse: return {os::TrapAnswer::Refuse};
    case kRaise: {
      mmu::Exception raised{static_cast<std::uint8_t>(mailbox_.argument(4)),
                            static_cast<std::uint32_t>(mailbox_.argument(5)), std::nullopt};
      if (raised.vector == mmu::Exception::kPageFault) raised.cr2 = VirtAddr(mailbox_.argument(6));
      return {os::TrapAnswer::Refuse, raised};
    }
    case kPass: break;
    default: return {os::TrapAnswer::Fail};
  }
  const os::Gate& built_in = built_in_gates_[frame.exception.vector];
  if (built_in) return built_in(frame);
  return {os::TrapAnswer::Refuse, os::ExceptionPath::missing_gate(frame.exception.vector)};
}

}  // namespace pw::binding
