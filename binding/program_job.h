// SPDX-License-Identifier: MIT
// One run of a trace with memory calls over a system of processes, which is taken from construction to finish().
// It is on a thread of its own from start() on; meanwhile only abort() and progress() may be called.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "binding/system_wrap.h"
#include "binding/trace_wrap.h"
#include "programs/program_replay.h"

namespace pw::binding {

class ProgramJob : public Napi::ObjectWrap<ProgramJob> {
 public:
  static Napi::Function define(Napi::Env env);

  // (system, trace, selection, { warmup, guess })
  explicit ProgramJob(const Napi::CallbackInfo& info);

 private:
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value abort(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);
  Napi::Value finish(const Napi::CallbackInfo& info);

  void run();
  void cancel();
  void require_not_started(Napi::Env env) const;
  Napi::Value error_to_js(Napi::Env env) const;

  Napi::ObjectReference system_object_;  // keeps the wrapper, and so the system
  SystemWrap* system_wrap_ = nullptr;
  std::shared_ptr<trace::Trace> trace_;
  std::unique_ptr<trace::AccessSource> source_;
  trace::ReplayProgress progress_;
  std::unique_ptr<programs::ProgramReplay> replay_;
  trace::ReplayState state_ = trace::ReplayState::Running;
  std::optional<Error> broken_;  // what native code threw: the system is not usable afterwards
  bool on_thread_ = false;
};

}  // namespace pw::binding
