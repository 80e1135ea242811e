// SPDX-License-Identifier: MIT
// Functions that make traces: openTrace, recordTrace, traceFromAddresses, generateTrace.
#pragma once

#include <napi.h>

namespace pw::binding {

void define_trace_makers(Napi::Env env, Napi::Object exports);

}  // namespace pw::binding
