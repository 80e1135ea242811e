// SPDX-License-Identifier: MIT
// The native side of lib/curve.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "trace/trace.h"

namespace pw::binding {

// (selection): a task for the misses of LRU at every size from 0 to the number of pages, in a Float64Array.
Napi::Object start_lru_curve(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace);

}  // namespace pw::binding
