// SPDX-License-Identifier: MIT
// Control bits, accesses, outcomes and walks between JavaScript and the MMU.
#pragma once

#include <napi.h>

#include "mmu/architectural_mmu.h"

namespace pw::binding {

mmu::Processor processor_of(const Napi::Object& options);
// `bits` with the changes of an object; absent fields stay.
mmu::ControlBits control_bits_of(const Napi::Value& changes, mmu::ControlBits bits);
Napi::Object control_bits_to_js(Napi::Env env, const mmu::ControlBits& bits);

// (operation, cpl, ac) from the argument at `first` on.
paging::AccessType access_type_of(const Napi::CallbackInfo& info, std::size_t first);
mmu::InvpcidType invpcid_type_of(const Napi::Value& value);

// The result of an access, as lib/mmu.ts shows it.
Napi::Object outcome_to_js(Napi::Env env, const mmu::AccessOutcome& outcome);
Napi::Object report_to_js(Napi::Env env, VirtAddr address, const mmu::WalkReport& report);

}  // namespace pw::binding
