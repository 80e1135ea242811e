// SPDX-License-Identifier: MIT
// What a machine says of its boot and of its health, as JavaScript (NativeBootStep and NativeCheck of lib/native.ts).
#pragma once

#include <napi.h>

#include "base/boot_sequence.h"
#include "base/health_report.h"

namespace pw::binding {

Napi::Array boot_log_to_js(Napi::Env env, const BootLog& log);
Napi::Array health_to_js(Napi::Env env, const HealthReport& report);

}  // namespace pw::binding
