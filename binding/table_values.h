// SPDX-License-Identifier: MIT
// Dumps of page tables for JavaScript.
#pragma once

#include <napi.h>

#include "paging/table_dump.h"

namespace pw::binding {

// { tree, physical }
paging::DumpOptions dump_options_of(const Napi::Value& value);
Napi::Object dump_to_js(Napi::Env env, const paging::TableDump& dump);

}  // namespace pw::binding
