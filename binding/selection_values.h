// SPDX-License-Identifier: MIT
// Which accesses of a trace a call is about, from JavaScript.
#pragma once

#include <napi.h>

#include "trace/access_source.h"

namespace pw::binding {

// { limit?, refs?, crossing? }; what is absent keeps its default.
trace::Selection selection_of(const Napi::Value& value);

}  // namespace pw::binding
