// SPDX-License-Identifier: MIT
// What a machine and a trace have counted, as JavaScript objects (NativeStats and NativeCounts of lib/native.ts).
#pragma once

#include <napi.h>

#include "machine/stats.h"
#include "trace/counts.h"

namespace pw::binding {

Napi::Object stats_to_js(Napi::Env env, const machine::Stats& stats);
Napi::Object counts_to_js(Napi::Env env, const trace::TraceCounts& counts);

}  // namespace pw::binding
