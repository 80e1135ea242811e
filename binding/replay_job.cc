// SPDX-License-Identifier: MIT
// One run of a trace through a machine.
#include "binding/replay_job.h"

#include <chrono>

#include "binding/errors.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {

using trace::ReplayState;

Napi::Function ReplayJob::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&ReplayJob::start>("start"),       member<&ReplayJob::slice>("slice"),
      member<&ReplayJob::resume>("resume"),     member<&ReplayJob::abort>("abort"),
      member<&ReplayJob::progress>("progress"), member<&ReplayJob::finish>("finish"),
  };
  static constexpr WrapClass kClass = {"NativeRun", make_wrap<ReplayJob>, kMembers};
  return define_class(env, kClass);
}

ReplayJob::ReplayJob(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  MachineWrap& wrap = MachineWrap::from(info[0]);
  open(env, info[1], info[2]);
  const trace::ReplayOptions options{.warmup = unsigned_of(info[3], "warmup")};
  machine_ = wrap.take(env);
  machine_wrap_ = &wrap;
  machine_object_ = Napi::Persistent(info[0].As<Napi::Object>());
  driver_ = std::make_unique<DriverOf<trace::Replay>>(*machine_, *source_, options, progress_);
  info.This().As<Napi::Object>().TypeTag(&kRunTag);
}

// (seconds): the state after about so long, as a number of ReplayState.
Napi::Value ReplayJob::slice(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  const double seconds = info[0].ToNumber().DoubleValue();
  if (FaultBridge* bridge = machine_wrap_->bridge())
    slice_with(*bridge, seconds);
  else
    run(seconds);
  if (!broken_) machine_wrap_->tell_policy();
  machine_wrap_->set_waiting(state_ == ReplayState::Pending);
  return to_js(info.Env(), static_cast<unsigned>(state_));
}

// The clock is looked at on every fault, since handlers may be slow; a fault that comes too late is the
// first thing of the next slice.
void ReplayJob::slice_with(FaultBridge& bridge, double seconds) {
  const auto length =
      std::chrono::duration_cast<FaultBridge::Clock::duration>(std::chrono::duration<double>(seconds));
  bridge.set_deadline(FaultBridge::Clock::now() + length);
  bool waits = false;
  if (bridge.has_put_off()) {
    const mm::FaultReply reply = bridge.ask_put_off();
    waits = reply.pending;
    if (!waits) machine_->resume(reply);
  }
  if (!waits) run(seconds);
  bridge.set_deadline(std::nullopt);
  if (waits)
    state_ = ReplayState::Pending;
  else if (bridge.has_put_off())
    state_ = ReplayState::Running;
}

// (answer): of the handler that was pending, as FaultBridge takes them.
Napi::Value ReplayJob::resume(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  machine_wrap_->set_waiting(false);
  machine_->resume(reply_of(info[0].ToNumber().Int32Value()));
  return {};
}

// The outcome; gives the machine back.
Napi::Value ReplayJob::finish(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  const Napi::Object result = outcome(info.Env());
  if (FaultBridge* bridge = machine_wrap_->bridge()) bridge->forget_put_off();
  if (broken_) machine_wrap_->break_down(broken_->message);
  machine_wrap_->set_waiting(false);
  machine_wrap_->release();
  machine_object_.Reset();
  return result;
}

}  // namespace pw::binding
