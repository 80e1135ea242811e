// SPDX-License-Identifier: MIT
// One run of a trace with memory calls over a system of processes.
#include "binding/program_job.h"

#include "binding/background.h"
#include "binding/errors.h"
#include "binding/program_values.h"
#include "binding/selection_values.h"
#include "binding/stats_values.h"
#include "binding/values.h"

namespace pw::binding {

using trace::ReplayState;

Napi::Function ProgramJob::define(Napi::Env env) {
  return DefineClass(env, "NativeProgramRun",
                     {
                         InstanceMethod<&ProgramJob::start>("start"),
                         InstanceMethod<&ProgramJob::abort>("abort"),
                         InstanceMethod<&ProgramJob::progress>("progress"),
                         InstanceMethod<&ProgramJob::finish>("finish"),
                     });
}

ProgramJob::ProgramJob(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  guarded(env, [&] {
    SystemWrap& wrap = SystemWrap::from(info[0]);
    trace_ = TraceWrap::from(info[1]).trace(env);
    const trace::Selection selection = selection_of(info[2]);
    const Napi::Object options = object_of(info[3], "options");
    source_ = value_or_raise(env, trace_->accesses(selection));
    os::System& system = wrap.take(env);
    system_wrap_ = &wrap;
    system_object_ = Napi::Persistent(info[0].As<Napi::Object>());
    const programs::ProgramReplayOptions replay{.warmup = unsigned_of(options.Get("warmup"), "warmup"),
                                                .guesses_regions = options.Get("guess").ToBoolean().Value(),
                                                .cost = wrap.cost()};
    replay_ = std::make_unique<programs::ProgramReplay>(system, *source_, replay, progress_);
  });
}

void ProgramJob::require_not_started(Napi::Env env) const {
  if (!replay_) raise(env, ErrorCode::Closed, "the run has ended");
  if (on_thread_) raise(env, ErrorCode::Busy, "the run is on its own thread");
}

// Throws nothing: what native code throws is kept for finish().
void ProgramJob::run() {
  try {
    state_ = replay_->run();
  } catch (const InternalError& error) {
    broken_ = internal_error(error.what());
  } catch (const std::bad_alloc&) {
    broken_ = host_memory_error();
  }
  if (broken_) state_ = ReplayState::Failed;
}

void ProgramJob::cancel() {
  progress_.abort = true;
  source_->cancel();
}

// (callback): called without arguments when the run has ended.
Napi::Value ProgramJob::start(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  auto callback =
      std::make_shared<Napi::FunctionReference>(Napi::Persistent(function_of(info[0], "callback")));
  Ref();
  on_thread_ = true;
  run_in_background(info.Env(), {.work = [this] { run(); },
                                 .done =
                                     [this, callback](Napi::Env) {
                                       on_thread_ = false;
                                       callback->Call({});
                                       Unref();
                                     },
                                 .cancel = [this] { cancel(); }});
  return {};
}

Napi::Value ProgramJob::abort(const Napi::CallbackInfo&) {
  if (replay_) cancel();
  return {};
}

// Where the run is: { position, total, accesses, faults }.
Napi::Value ProgramJob::progress(const Napi::CallbackInfo& info) {
  if (!replay_) raise(info.Env(), ErrorCode::Closed, "the run has ended");
  return progress_to_js(info.Env(), *source_, progress_);
}

Napi::Value ProgramJob::error_to_js(Napi::Env env) const {
  if (broken_) return binding::to_js(env, *broken_).Value();
  return state_ == ReplayState::Failed ? binding::to_js(env, replay_->error()).Value() : env.Undefined();
}

// How the run ended and what it counted; gives the system back.
Napi::Value ProgramJob::finish(const Napi::CallbackInfo& info) {
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
  outcome["programs"] = programs_to_js(env, *replay_);
  source_->cancel();
  replay_.reset();
  source_.reset();
  if (broken_) system_wrap_->break_down(broken_->message);
  system_wrap_->release();
  system_object_.Reset();
  return outcome;
}

}  // namespace pw::binding
