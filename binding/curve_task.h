// SPDX-License-Identifier: MIT
// The native side of lib/curve.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "trace/trace.h"

namespace pw::binding {

// (selection, { policies, method, rate?, samples?, sizes, seed, threads }): a task for the miss-ratio curve of every policy. `sizes` is
// { rule, points?, frames? } as analysis::CurveSizes has them.
Napi::Object start_curves(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace);

}  // namespace pw::binding
