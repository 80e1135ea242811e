// SPDX-License-Identifier: MIT
// Memory maps of JavaScript: lists of [start, bytes, "usable" | "reserved" | "hole"].
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "phys/memory_map.h"

namespace pw::binding {

// Unchecked; an empty list where there is none.
std::vector<phys::MemoryRange> ranges_of(const Napi::Value& value, const std::string& name);

// The words of a range's kind.
void add_memory_choices(Napi::Env env, Napi::Object choices);

}  // namespace pw::binding
