// SPDX-License-Identifier: MIT
// One run of a trace with memory calls over a system of processes.
#include "binding/program_job.h"

#include "binding/errors.h"
#include "binding/program_values.h"
#include "binding/values.h"

namespace pw::binding {

Napi::Function ProgramJob::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&ProgramJob::start>("start"),       member<&ProgramJob::slice>("slice"),
      member<&ProgramJob::waiting>("waiting"),   member<&ProgramJob::abort>("abort"),
      member<&ProgramJob::progress>("progress"), member<&ProgramJob::finish>("finish"),
  };
  static constexpr WrapClass kClass = {"NativeProgramRun", make_wrap<ProgramJob>, kMembers};
  return define_class(env, kClass);
}

ProgramJob::ProgramJob(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  SystemWrap& wrap = SystemWrap::from(info[0]);
  open(env, info[1], info[2]);
  const Napi::Object options = object_of(info[3], "options");
  const programs::ProgramReplayOptions replay{.warmup = unsigned_of(options.Get("warmup"), "warmup"),
                                              .guesses_regions = options.Get("guess").ToBoolean().Value(),
                                              .cost = wrap.cost()};
  os::System& system = wrap.take(env);
  system_wrap_ = &wrap;
  system_object_ = Napi::Persistent(info[0].As<Napi::Object>());
  auto driver = std::make_unique<DriverOf<programs::ProgramReplay>>(system, *source_, replay, progress_);
  replay_ = &driver->replay();
  driver_ = std::move(driver);
}

// (seconds): the state after about so long, as a number of ReplayState.
Napi::Value ProgramJob::slice(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  run(info[0].ToNumber().DoubleValue());
  return to_js(info.Env(), static_cast<unsigned>(state_));
}

// While Pending: the process whose access waits for a handler.
Napi::Value ProgramJob::waiting(const Napi::CallbackInfo& info) {
  require_not_started(info.Env());
  return to_js(info.Env(), replay_->running_pid());
}

// The outcome; gives the system back.
Napi::Value ProgramJob::finish(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  require_not_started(env);
  const Napi::Object programs = programs_to_js(env, *replay_);
  Napi::Object result = outcome(env);
  result["programs"] = programs;
  if (broken_) system_wrap_->break_down(broken_->message);
  system_wrap_->release();
  system_object_.Reset();
  return result;
}

}  // namespace pw::binding
