// SPDX-License-Identifier: MIT
// What runs of traces have in common, whatever they drive: a run is on a thread of its own from start() on, when only
// abort() and progress() may be called, or goes slice by slice on the JavaScript thread; finish() ends it.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <utility>

#include "binding/background.h"
#include "binding/errors.h"
#include "binding/program_values.h"
#include "binding/selection_values.h"
#include "binding/stats_values.h"
#include "binding/trace_wrap.h"
#include "binding/values.h"
#include "trace/replay.h"

namespace pw::binding {

// `Job` is the class that JavaScript sees; `Driver` is trace::Replay or has its functions.
template <class Job, class Driver>
class RunJob : public Napi::ObjectWrap<Job> {
 protected:
  explicit RunJob(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Job>(info) {}

  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value abort(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);

  void open(Napi::Env env, const Napi::Value& trace, const Napi::Value& selection);
  void require_not_started(Napi::Env env) const;
  void run(std::optional<double> seconds);
  void cancel();
  // How the run ended and what it counted. The driver goes.
  Napi::Object outcome(Napi::Env env);

  std::shared_ptr<trace::Trace> trace_;
  std::unique_ptr<trace::AccessSource> source_;
  trace::ReplayProgress progress_;
  std::unique_ptr<Driver> driver_;
  trace::ReplayState state_ = trace::ReplayState::Running;
  std::optional<Error> broken_;  // what native code threw: what was driven is not usable afterwards

 private:
  Napi::Value error_to_js(Napi::Env env) const;

  bool on_thread_ = false;
};

template <class Job, class Driver>
void RunJob<Job, Driver>::open(Napi::Env env, const Napi::Value& trace, const Napi::Value& selection) {
  trace_ = TraceWrap::from(trace).trace(env);
  source_ = value_or_raise(env, trace_->accesses(selection_of(selection)));
}

template <class Job, class Driver>
void RunJob<Job, Driver>::require_not_started(Napi::Env env) const {
  if (!driver_) raise(env, ErrorCode::Closed, "the run has ended");
  if (on_thread_) raise(env, ErrorCode::Busy, "the run is on its own thread");
}

// Throws nothing: what native code throws is kept for finish().
template <class Job, class Driver>
void RunJob<Job, Driver>::run(std::optional<double> seconds) {
  try {
    state_ = driver_->run(seconds);
  } catch (const InternalError& error) {
    broken_ = internal_error(error.what());
  } catch (const std::bad_alloc&) {
    broken_ = host_memory_error();
  }
  if (broken_) state_ = trace::ReplayState::Failed;
}

template <class Job, class Driver>
void RunJob<Job, Driver>::cancel() {
  progress_.abort = true;
  source_->cancel();
}

// (callback): called without arguments when the run has ended.
template <class Job, class Driver>
Napi::Value RunJob<Job, Driver>::start(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  auto callback =
      std::make_shared<Napi::FunctionReference>(Napi::Persistent(function_of(info[0], "callback")));
  this->Ref();
  on_thread_ = true;
  run_in_background(info.Env(), {.work = [this] { run(std::nullopt); },
                                 .done =
                                     [this, callback](Napi::Env) {
                                       on_thread_ = false;
                                       callback->Call({});
                                       this->Unref();
                                     },
                                 .cancel = [this] { cancel(); }});
  return {};
}

template <class Job, class Driver>
Napi::Value RunJob<Job, Driver>::abort(const Napi::CallbackInfo&) {
  if (driver_) cancel();
  return {};
}

// Where the run is: { position, total, accesses, faults }.
template <class Job, class Driver>
Napi::Value RunJob<Job, Driver>::progress(const Napi::CallbackInfo& info) {
  if (!driver_) raise(info.Env(), ErrorCode::Closed, "the run has ended");
  return progress_to_js(info.Env(), *source_, progress_);
}

template <class Job, class Driver>
Napi::Value RunJob<Job, Driver>::error_to_js(Napi::Env env) const {
  if (broken_) return binding::to_js(env, *broken_).Value();
  const bool stopped = state_ == trace::ReplayState::Refused || state_ == trace::ReplayState::Failed;
  return stopped ? binding::to_js(env, driver_->error()).Value() : env.Undefined();
}

template <class Job, class Driver>
Napi::Object RunJob<Job, Driver>::outcome(Napi::Env env) {
  Napi::Object outcome = Napi::Object::New(env);
  outcome["state"] = binding::to_js(env, static_cast<unsigned>(state_));
  outcome["aborted"] = binding::to_js(env, progress_.abort.load());
  outcome["error"] = error_to_js(env);
  outcome["stats"] = stats_to_js(env, driver_->stats());
  outcome["counts"] = counts_to_js(env, source_->counts());
  outcome["accesses"] = binding::to_js(env, driver_->accesses());
  outcome["decodeSeconds"] = binding::to_js(env, source_->decode_seconds());
  outcome["simulateSeconds"] = binding::to_js(env, driver_->simulate_seconds());
  source_->cancel();
  driver_.reset();
  source_.reset();
  return outcome;
}

}  // namespace pw::binding
