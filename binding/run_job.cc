// SPDX-License-Identifier: MIT
// What runs of traces have in common.
#include "binding/run_job.h"

#include "binding/background.h"
#include "binding/errors.h"
#include "binding/program_values.h"
#include "binding/selection_values.h"
#include "binding/stats_values.h"
#include "binding/trace_wrap.h"
#include "binding/values.h"

namespace pw::binding {

void RunJob::open(Napi::Env env, const Napi::Value& trace, const Napi::Value& selection) {
  trace_ = TraceWrap::from(trace).trace(env);
  source_ = value_or_raise(env, trace_->accesses(selection_of(selection)));
}

void RunJob::require_not_started(Napi::Env env) const {
  if (!driver_) raise(env, ErrorCode::Closed, "the run has ended");
  if (on_thread_) raise(env, ErrorCode::Busy, "the run is on its own thread");
}

// Throws nothing: what native code throws is kept for finish().
void RunJob::run(std::optional<double> seconds) {
  try {
    state_ = driver_->run(seconds);
  } catch (const InternalError& error) {
    broken_ = internal_error(error.what());
  } catch (const std::bad_alloc&) {
    broken_ = host_memory_error();
  }
  if (broken_) state_ = trace::ReplayState::Failed;
}

void RunJob::cancel() {
  progress_.abort = true;
  source_->cancel();
}

// (callback): called without arguments when the run has ended.
Napi::Value RunJob::start(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  auto callback =
      std::make_shared<Napi::FunctionReference>(Napi::Persistent(function_of(info[0], "callback")));
  self_ = Napi::Persistent(info.This().As<Napi::Object>());
  on_thread_ = true;
  run_in_background(info.Env(), {.work = [this] { run(std::nullopt); },
                                 .done =
                                     [this, callback](Napi::Env) {
                                       on_thread_ = false;
                                       callback->Call({});
                                       self_.Reset();
                                     },
                                 .cancel = [this] { cancel(); }});
  return {};
}

Napi::Value RunJob::abort(const Napi::CallbackInfo&) {
  if (driver_) cancel();
  return {};
}

// Where the run is: { position, total, accesses, faults }.
Napi::Value RunJob::progress(const Napi::CallbackInfo& info) {
  if (!driver_) raise(info.Env(), ErrorCode::Closed, "the run has ended");
  return progress_to_js(info.Env(), *source_, progress_);
}

Napi::Value RunJob::error_to_js(Napi::Env env) const {
  if (broken_) return to_js(env, *broken_).Value();
  const bool stopped = state_ == trace::ReplayState::Refused || state_ == trace::ReplayState::Failed;
  return stopped ? to_js(env, driver_->error()).Value() : env.Undefined();
}

Napi::Object RunJob::outcome(Napi::Env env) {
  Napi::Object outcome = Napi::Object::New(env);
  outcome["state"] = to_js(env, static_cast<unsigned>(state_));
  outcome["aborted"] = to_js(env, progress_.abort.load());
  outcome["error"] = error_to_js(env);
  outcome["stats"] = stats_to_js(env, driver_->stats());
  outcome["counts"] = counts_to_js(env, source_->counts());
  outcome["accesses"] = to_js(env, driver_->accesses());
  outcome["decodeSeconds"] = to_js(env, source_->decode_seconds());
  outcome["simulateSeconds"] = to_js(env, driver_->simulate_seconds());
  source_->cancel();
  driver_.reset();
  source_.reset();
  trace_.reset();  // the collector may come long after the trace was closed, and Windows removes no open file
  return outcome;
}

}  // namespace pw::binding
