// SPDX-License-Identifier: MIT
// The native side of lib/policy-simulation.ts: a replacement policy over page numbers as they come.
#pragma once

#include <napi.h>

#include <memory>

#include "analysis/live_simulation.h"
#include "binding/wrap.h"

namespace pw::binding {

class PolicySimulationWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);

  // (policy, frames, observe, seed)
  explicit PolicySimulationWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value feed(const Napi::CallbackInfo& info);
  Napi::Value outcome(const Napi::CallbackInfo& info);

  std::unique_ptr<analysis::LiveSimulation> simulation_;
};

}  // namespace pw::binding
