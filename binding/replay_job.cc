// SPDX-License-Identifier: MIT
// One run of a trace through a machine.
#include "binding/replay_job.h"

#include <chrono>
#include <functional>

#include "binding/background.h"
#include "binding/errors.h"
#include "binding/program_values.h"
#include "binding/selection_values.h"
#include "binding/stats_values.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {

using trace::ReplayState;

Napi::Function ReplayJob::define(Napi::Env env) {
  return DefineClass(env, "NativeRun",
                     {
                         InstanceMethod<&ReplayJob::start>("start"),
                         InstanceMethod<&ReplayJob::slice>("slice"),
                         InstanceMethod<&ReplayJob::resume>("resume"),
                         InstanceMethod<&ReplayJob::abort>("abort"),
                         InstanceMethod<&ReplayJob::progress>("progress"),
                         InstanceMethod<&ReplayJob::finish>("finish"),
                     });
}

ReplayJob::ReplayJob(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  guarded(env, [&] {
    MachineWrap& wrap = MachineWrap::from(info[0]);
    trace_ = TraceWrap::from(info[1]).trace(env);
    const trace::Selection selection = selection_of(info[2]);
    const trace::ReplayOptions options{.warmup = unsigned_of(info[3], "warmup")};
    source_ = value_or_raise(env, trace_->accesses(selection));
    machine_ = wrap.take(env);
    machine_wrap_ = &wrap;
    machine_object_ = Napi::Persistent(info[0].As<Napi::Object>());
    replay_ = std::make_unique<trace::Replay>(*machine_, *source_, options, progress_);
    info.This().As<Napi::Object>().TypeTag(&kRunTag);
  });
}

void ReplayJob::require_not_started(Napi::Env env) const {
  if (!replay_) raise(env, ErrorCode::Closed, "the run has ended");
  if (on_thread_) raise(env, ErrorCode::Busy, "the run is on its own thread");
}

// Throws nothing: what native code throws is kept for finish().
void ReplayJob::run(std::optional<double> seconds) {
  try {
    state_ = replay_->run(seconds);
  } catch (const InternalError& error) {
    broken_ = internal_error(error.what());
  } catch (const std::bad_alloc&) {
    broken_ = host_memory_error();
  }
  if (broken_) state_ = ReplayState::Failed;
}

void ReplayJob::cancel() {
  progress_.abort = true;
  source_->cancel();
}

// (callback): called without arguments when the run has ended.
Napi::Value ReplayJob::start(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  auto callback =
      std::make_shared<Napi::FunctionReference>(Napi::Persistent(function_of(info[0], "callback")));
  Ref();
  on_thread_ = true;
  run_in_background(info.Env(), {.work = [this] { run(std::nullopt); },
                                 .done =
                                     [this, callback](Napi::Env) {
                                       on_thread_ = false;
                                       callback->Call({});
                                       Unref();
                                     },
                                 .cancel = [this] { cancel(); }});
  return {};
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

Napi::Value ReplayJob::abort(const Napi::CallbackInfo&) {
  if (replay_) cancel();
  return {};
}

// Where the run is: { position, total, accesses, faults }.
Napi::Value ReplayJob::progress(const Napi::CallbackInfo& info) {
  if (!replay_) raise(info.Env(), ErrorCode::Closed, "the run has ended");
  return progress_to_js(info.Env(), *source_, progress_);
}

Napi::Value ReplayJob::error_to_js(Napi::Env env) const {
  if (broken_) return binding::to_js(env, *broken_).Value();
  const bool stopped = state_ == ReplayState::Refused || state_ == ReplayState::Failed;
  return stopped ? binding::to_js(env, replay_->error()).Value() : env.Undefined();
}

// How the run ended and what it counted; gives the machine back.
Napi::Value ReplayJob::finish(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  require_not_started(env);
  Napi::Object outcome = Napi::Object::New(env);
  outcome["state"] = binding::to_js(env, static_cast<unsigned>(state_));
  outcome["aborted"] = binding::to_js(env, progress_.abort.load());
  outcome["error"] = error_to_js(env);
  outcome["stats"] = stats_to_js(env, replay_->stats());
  outcome["counts"] = counts_to_js(env, source_->counts());
  outcome["accesses"] = binding::to_js(env, replay_->accesses());
  outcome["decodeSeconds"] = binding::to_js(env, source_->decode_seconds());
  outcome["simulateSeconds"] = binding::to_js(env, replay_->simulate_seconds());
  source_->cancel();
  replay_.reset();
  source_.reset();
  if (FaultBridge* bridge = machine_wrap_->bridge()) bridge->forget_put_off();
  if (broken_) machine_wrap_->break_down(broken_->message);
  machine_wrap_->set_waiting(false);
  machine_wrap_->release();
  machine_object_.Reset();
  return outcome;
}

}  // namespace pw::binding
