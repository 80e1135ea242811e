// SPDX-License-Identifier: MIT
// Saved states between JavaScript and native code.
#pragma once

#include <napi.h>

#include "state/machine_state.h"

namespace pw::binding {

// (path or undefined, config): writes the file, or gives a Buffer of what would stand in it.
Napi::Value save_state(const Napi::CallbackInfo& info, const state::Registers& registers,
                       const phys::PhysicalMemory& memory);

// Defines loadState(path or bytes, function that makes a memory of so many bytes).
void define_states(Napi::Env env, Napi::Object exports);

}  // namespace pw::binding
