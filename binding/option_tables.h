// SPDX-License-Identifier: MIT
// What options may be, for lib/generated/options.ts: numbers with range, unit and default; the words of closed lists.
#pragma once

#include <napi.h>

namespace pw::binding {

// { numbers: { name: { default, min, max, unit } }, choices: { name: words } }. The default is absent where presets
// give one.
Napi::Value option_tables(const Napi::CallbackInfo& info);

// (ranges): every violation of a machine's memory map, as { code, message }.
Napi::Value check_memory_map(const Napi::CallbackInfo& info);

}  // namespace pw::binding
