// SPDX-License-Identifier: MIT
// Policies, their parameters and the sizes to run them at: what comparisons and curves take and give.
#pragma once

#include <napi.h>

#include <vector>

#include "analysis/comparison.h"
#include "trace/trace.h"

namespace pw::binding {

// A list of "name:key=value,…". Raises UnknownName, InvalidArgument, OutOfRange.
std::vector<policy::ParsedPolicy> policies_of(const Napi::Value& value);
// A list of [count, of] as analysis::FrameRequest has them. Raises OutOfRange.
std::vector<analysis::FrameRequest> frame_requests_of(const Napi::Value& value);
// What policies see: "exact" or "hardware". Raises UnknownName.
analysis::Observe observe_of(const Napi::Value& value);
// 0: as many as the host has cores.
unsigned threads_of(const Napi::Value& value);
// Raises where a share is asked for: it is of the pages of a first pass, which a pipe has not.
void require_no_shares_of_pipe(Napi::Env env, const trace::Trace& trace,
                               const std::vector<analysis::FrameRequest>& requests);

// All parameters by name.
Napi::Object params_to_js(Napi::Env env, const policy::ParsedPolicy& policy);

}  // namespace pw::binding
