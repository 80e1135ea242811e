// SPDX-License-Identifier: MIT
// One run of a trace with memory calls over a system of processes.
#include "binding/program_job.h"

namespace pw::binding {

Napi::Function ProgramJob::define(Napi::Env env) {
  return DefineClass(env, "NativeProgramRun",
                     {
                         InstanceMethod("start", &ProgramJob::start),
                         InstanceMethod("slice", &ProgramJob::slice),
                         InstanceMethod("waiting", &ProgramJob::waiting),
                         InstanceMethod("abort", &ProgramJob::abort),
                         InstanceMethod("progress", &ProgramJob::progress),
                         InstanceMethod("finish", &ProgramJob::finish),
                     });
}

ProgramJob::ProgramJob(const Napi::CallbackInfo& info) : RunJob(info) {
  const Napi::Env env = info.Env();
  guarded(env, [&] {
    SystemWrap& wrap = SystemWrap::from(info[0]);
    open(env, info[1], info[2]);
    const Napi::Object options = object_of(info[3], "options");
    const programs::ProgramReplayOptions replay{.warmup = unsigned_of(options.Get("warmup"), "warmup"),
                                                .guesses_regions = options.Get("guess").ToBoolean().Value(),
                                                .cost = wrap.cost()};
    os::System& system = wrap.take(env);
    system_wrap_ = &wrap;
    system_object_ = Napi::Persistent(info[0].As<Napi::Object>());
    driver_ = std::make_unique<programs::ProgramReplay>(system, *source_, replay, progress_);
  });
}

// (seconds): the state after about so long, as a number of ReplayState.
Napi::Value ProgramJob::slice(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  run(info[0].ToNumber().DoubleValue());
  return binding::to_js(info.Env(), static_cast<unsigned>(state_));
}

// While Pending: the process whose access waits for a handler.
Napi::Value ProgramJob::waiting(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  return binding::to_js(info.Env(), driver_->running_pid());
}

// The outcome; gives the system back.
Napi::Value ProgramJob::finish(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  require_not_started(env);
  const Napi::Object programs = programs_to_js(env, *driver_);
  Napi::Object result = outcome(env);
  result["programs"] = programs;
  if (broken_) system_wrap_->break_down(broken_->message);
  system_wrap_->release();
  system_object_.Reset();
  return result;
}

}  // namespace pw::binding
