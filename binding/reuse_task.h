// SPDX-License-Identifier: MIT
// The native side of lib/reuse.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "trace/trace.h"

namespace pw::binding {

// (selection, { bins, windows }): a task for the reuse histograms and working sets of a trace.
Napi::Object start_reuse(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace);

}  // namespace pw::binding
