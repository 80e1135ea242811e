// SPDX-License-Identifier: MIT
// One run of a trace through a machine, which is taken from construction to finish(). Machines with a fault handler or a
// policy in JavaScript run in slices.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/machine_wrap.h"
#include "binding/run_job.h"

namespace pw::binding {

class ReplayJob : public RunJob {
 public:
  static Napi::Function define(Napi::Env env);

  // (machine, trace, selection, warmup)
  explicit ReplayJob(const Napi::CallbackInfo& info);

 private:
  Napi::Value slice(const Napi::CallbackInfo& info);
  Napi::Value resume(const Napi::CallbackInfo& info);
  Napi::Value finish(const Napi::CallbackInfo& info);

  void slice_with(FaultBridge& bridge, double seconds);

  Napi::ObjectReference machine_object_;  // keeps the wrapper that is told how the run ended
  MachineWrap* machine_wrap_ = nullptr;
  std::shared_ptr<machine::Machine> machine_;
};

}  // namespace pw::binding
