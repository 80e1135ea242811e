// SPDX-License-Identifier: MIT
// One run of a trace with memory calls over a system of processes, which is taken from construction to finish().
#pragma once

#include <napi.h>

#include "binding/run_job.h"
#include "binding/system_wrap.h"
#include "programs/program_replay.h"

namespace pw::binding {

class ProgramJob : public RunJob {
 public:
  static Napi::Function define(Napi::Env env);

  // (system, trace, selection, { warmup, guess })
  explicit ProgramJob(const Napi::CallbackInfo& info);

 private:
  Napi::Value slice(const Napi::CallbackInfo& info);
  Napi::Value waiting(const Napi::CallbackInfo& info);
  Napi::Value finish(const Napi::CallbackInfo& info);

  Napi::ObjectReference system_object_;  // keeps the wrapper, and so the system
  SystemWrap* system_wrap_ = nullptr;
  const programs::ProgramReplay* replay_ = nullptr;  // the driver's
};

}  // namespace pw::binding
