// SPDX-License-Identifier: MIT
// What a whole trace holds, with the keys of `pagewalk trace info --json`.
#pragma once

#include <napi.h>

#include "trace/info.h"

namespace pw::binding {

Napi::Object info_to_js(Napi::Env env, const trace::TraceInfo& info);

}  // namespace pw::binding
