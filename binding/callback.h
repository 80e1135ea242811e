// SPDX-License-Identifier: MIT
// Asks JavaScript from within native code: a function of lib/ without arguments that answers with a small integer.
#pragma once

#include <napi.h>

#include <cstdint>

namespace pw::binding {

// The answer, or `failed` where there is none: a call fails when the environment is being terminated. The function
// lets no exception escape. REQUIRES: on the JavaScript thread.
std::int32_t ask_for_number(const Napi::FunctionReference& function, std::int32_t failed);

}  // namespace pw::binding
