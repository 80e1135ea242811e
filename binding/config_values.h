// SPDX-License-Identifier: MIT
// NativeConfig of lib/native-config.ts to machine::Config and, for presets, back.
#pragma once

#include <napi.h>

#include "machine/config.h"

namespace pw::binding {

machine::Config config_of(const Napi::Value& value);
// Parts of it.
tlb::HierarchyConfig hierarchy_of(const Napi::Value& value);
tlb::StructureCacheConfig structure_caches_of(const Napi::Value& value);
// The words of options that are one of a few.
void add_machine_choices(Napi::Env env, Napi::Object choices);
Napi::Object preset_to_js(Napi::Env env, const machine::Preset& preset);

}  // namespace pw::binding
