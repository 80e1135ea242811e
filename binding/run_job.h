// SPDX-License-Identifier: MIT
// What runs of traces have in common, whatever they drive: a run is on a thread of its own from start() on, when only
// abort() and progress() may be called, or goes slice by slice on the JavaScript thread; finish() ends it.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <utility>

#include "binding/wrap.h"
#include "trace/replay.h"
#include "trace/trace.h"

namespace pw::binding {

// What a run drives.
class RunDriver {
 public:
  virtual ~RunDriver() = default;
  virtual trace::ReplayState run(std::optional<double> seconds) = 0;
  virtual const Error& error() const = 0;
  virtual machine::Stats stats() const = 0;
  virtual std::uint64_t accesses() const = 0;
  virtual double simulate_seconds() const = 0;
};

// `Replay` is trace::Replay or has its functions.
template <class Replay>
class DriverOf final : public RunDriver {
 public:
  template <class... Arguments>
  explicit DriverOf(Arguments&&... arguments) : replay_(std::forward<Arguments>(arguments)...) {}

  const Replay& replay() const { return replay_; }
  trace::ReplayState run(std::optional<double> seconds) override { return replay_.run(seconds); }
  const Error& error() const override { return replay_.error(); }
  machine::Stats stats() const override { return replay_.stats(); }
  std::uint64_t accesses() const override { return replay_.accesses(); }
  double simulate_seconds() const override { return replay_.simulate_seconds(); }

 private:
  Replay replay_;
};

class RunJob : public Wrap {
 protected:
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value abort(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);

  void open(Napi::Env env, const Napi::Value& trace, const Napi::Value& selection);
  void require_not_started(Napi::Env env) const;
  void run(std::optional<double> seconds);
  void cancel();
  // How the run ended and what it counted. The driver goes, and with it what it read.
  Napi::Object outcome(Napi::Env env);

  std::shared_ptr<trace::Trace> trace_;
  std::unique_ptr<trace::AccessSource> source_;
  trace::ReplayProgress progress_;
  std::unique_ptr<RunDriver> driver_;
  trace::ReplayState state_ = trace::ReplayState::Running;
  std::optional<Error> broken_;  // what native code threw: what was driven is not usable afterwards

 private:
  Napi::Value error_to_js(Napi::Env env) const;

  Napi::ObjectReference self_;  // while it is on its thread
  bool on_thread_ = false;
};

}  // namespace pw::binding
