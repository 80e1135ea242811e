// SPDX-License-Identifier: MIT
// One run of a trace through a machine, which is taken from construction to finish().
//
// - start(): the whole run on a thread of its own; meanwhile only abort() and progress() may be called.
// - slice(): a part of the run on the JavaScript thread, for machines with a fault handler.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "binding/machine_wrap.h"
#include "binding/trace_wrap.h"
#include "trace/replay.h"

namespace pw::binding {

class ReplayJob : public Napi::ObjectWrap<ReplayJob> {
 public:
  static Napi::Function define(Napi::Env env);

  // (machine, trace, selection, warmup)
  explicit ReplayJob(const Napi::CallbackInfo& info);

 private:
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value slice(const Napi::CallbackInfo& info);
  Napi::Value resume(const Napi::CallbackInfo& info);
  Napi::Value abort(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);
  Napi::Value finish(const Napi::CallbackInfo& info);

  void run(std::optional<double> seconds);
  void slice_with(FaultBridge& bridge, double seconds);
  void cancel();
  void require_not_started(Napi::Env env) const;
  Napi::Value error_to_js(Napi::Env env) const;

  Napi::ObjectReference machine_object_;  // keeps the wrapper that is told how the run ended
  MachineWrap* machine_wrap_ = nullptr;
  std::shared_ptr<machine::Machine> machine_;
  std::shared_ptr<trace::Trace> trace_;
  std::unique_ptr<trace::AccessSource> source_;
  trace::ReplayProgress progress_;
  std::unique_ptr<trace::Replay> replay_;
  trace::ReplayState state_ = trace::ReplayState::Running;
  std::optional<Error> broken_;  // what native code threw: the machine is not usable afterwards
  bool on_thread_ = false;
};

}  // namespace pw::binding
