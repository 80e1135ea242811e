// SPDX-License-Identifier: MIT
// What the addon keeps for each environment (the main thread and every worker has one).
#pragma once

#include <napi.h>

namespace pw::binding {

struct AddonData {
  Napi::FunctionReference trace_class;
  Napi::FunctionReference make_error;  // lib/native.ts: (class, code, message, file, line, offset) => Error
};

}  // namespace pw::binding
