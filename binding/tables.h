// SPDX-License-Identifier: MIT
// The native tables as JavaScript lists: presets, policies, formats, generators, errors, and the build.
#pragma once

#include <napi.h>

namespace pw::binding {

void define_tables(Napi::Env env, Napi::Object exports);

}  // namespace pw::binding
