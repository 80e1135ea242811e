// SPDX-License-Identifier: MIT
// Control bits, accesses, outcomes and walks between JavaScript and the MMU.
#pragma once

#include <napi.h>

#include <optional>
#include <string>
#include <vector>

#include "mmu/architectural_mmu.h"

namespace pw::binding {

// What a TLB has counted.
struct TlbCounters {
  std::string name;
  unsigned level;
  std::uint64_t hits, misses;
};
template <class Ways>
std::vector<TlbCounters> counters_of(const tlb::Hierarchy<Ways>& tlbs) {
  std::vector<TlbCounters> counters;
  for (const auto& tlb : tlbs.tlbs())
    counters.push_back({tlb.name(), tlb.level(), tlb.lookups - tlb.misses, tlb.misses});
  return counters;
}
Napi::Array tlbs_to_js(Napi::Env env, const std::vector<TlbCounters>& tlbs);
// About what the arrays take, so that the garbage collector knows what an MMU is worth.
std::int64_t bytes_of(const tlb::HierarchyConfig& tlbs, const tlb::StructureCacheConfig& caches);

// 0, 1 or a boolean.
bool bit_of(const Napi::Value& value, const std::string& name);
mmu::Processor processor_of(const Napi::Object& options);
// `bits` with the changes of an object; absent fields stay.
mmu::ControlBits control_bits_of(const Napi::Value& changes, mmu::ControlBits bits);
Napi::Object control_bits_to_js(Napi::Env env, const mmu::ControlBits& bits);

// The value of a key register: two bits for each of 16 keys.
std::uint32_t key_register_of(const Napi::Value& value, const char* name);
Napi::Object keys_to_js(Napi::Env env, const mmu::ControlRegisters& registers);
// A VPID, which the interface calls vmid.
std::uint16_t vpid_of(const Napi::Value& value);

// (address, operation, cpl, ac, bytes)
mmu::Access access_of(const Napi::CallbackInfo& info);
// (operation, cpl, ac) from the argument at `first` on.
paging::AccessType access_type_of(const Napi::CallbackInfo& info, std::size_t first);
mmu::InvpcidType invpcid_type_of(const Napi::Value& value);

// R/W, U/S and NX as an entry would say them; null where there are none.
Napi::Value rights_to_js(Napi::Env env, const std::optional<paging::Entry>& rights);
// The result of an access, as lib/mmu.ts shows it.
Napi::Object outcome_to_js(Napi::Env env, const mmu::AccessOutcome& outcome);
Napi::Object report_to_js(Napi::Env env, VirtAddr address, const mmu::WalkReport& report);

}  // namespace pw::binding
