// SPDX-License-Identifier: MIT
// The native side of lib/comparison.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "trace/trace.h"

namespace pw::binding {

// (selection, { policies, frames, observe, seed, threads }): a task for the outcome of every policy at every
// size. `policies` are specs; `frames` are [count, of] as analysis::FrameRequest has them.
Napi::Object start_comparison(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace);

}  // namespace pw::binding
