// SPDX-License-Identifier: MIT
// The native side of lib/nested-mmu.ts.
#include "binding/nested_mmu_wrap.h"

#include "base/hex.h"
#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/physical_memory_wrap.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

using ScriptNestedMmu = mmu::NestedMmu<tlb::AnyWays>;

// Those of the processor, and behind them the one for guest-physical addresses, if there is one.
std::vector<TlbCounters> tlbs_of(const ScriptNestedMmu& mmu) {
  std::vector<TlbCounters> counters = counters_of(mmu.caches().tlbs());
  if (const auto* nested = mmu.guest().tlb())
    counters.push_back({nested->name(), nested->level(), nested->lookups - nested->misses, nested->misses});
  return counters;
}

Napi::Value rights_to_js(Napi::Env env, paging::ept::Rights rights) {
  Napi::Object object = Napi::Object::New(env);
  object["read"] = to_js(env, (rights & paging::ept::kRead) != 0);
  object["write"] = to_js(env, (rights & paging::ept::kWrite) != 0);
  object["execute"] = to_js(env, (rights & paging::ept::kExecute) != 0);
  return object;
}

Napi::Object exit_to_js(Napi::Env env, const mmu::EptExit& exit) {
  const bool write = (exit.access & paging::ept::kWrite) != 0;
  const bool fetch = (exit.access & paging::ept::kExecute) != 0;
  Napi::Object details = Napi::Object::New(env);
  details["access"] = to_js(env, std::string_view(fetch ? "fetch" : write ? "write" : "read"));
  details["during"] =
      to_js(env, std::string_view(exit.during == mmu::EptExit::During::Walk ? "walk" : "access"));
  details["guestPhysical"] = address_to_js(env, exit.guest_physical.value());
  details["guestLinear"] = address_to_js(env, exit.guest_linear.value());
  details["level"] = to_js(env, exit.walk.level);
  details["entryAddress"] = address_to_js(env, exit.walk.entry_address.value());
  details["entry"] = address_to_js(env, exit.walk.entry);
  if (!exit.misconfiguration) {
    details["rights"] = rights_to_js(env, exit.walk.rights);
    details["qualification"] = to_js(env, exit.qualification());
  }
  Napi::Object object = Napi::Object::New(env);
  object["ok"] = to_js(env, false);
  object[exit.misconfiguration ? "misconfiguration" : "violation"] = details;
  return object;
}

}  // namespace

Napi::Function NestedMmuWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&NestedMmuWrap::enter>("enter"),
      member<&NestedMmuWrap::control>("control"),
      member<&NestedMmuWrap::set_control>("setControl"),
      member<&NestedMmuWrap::keys>("keys"),
      member<&NestedMmuWrap::set_keys>("setKeys"),
      member<&NestedMmuWrap::cr3>("cr3"),
      member<&NestedMmuWrap::write_cr3>("writeCr3"),
      member<&NestedMmuWrap::access>("access"),
      member<&NestedMmuWrap::invlpg>("invlpg"),
      member<&NestedMmuWrap::invpcid>("invpcid"),
      member<&NestedMmuWrap::invept>("invept"),
      member<&NestedMmuWrap::invvpid>("invvpid"),
      member<&NestedMmuWrap::stats>("stats"),
  };
  static constexpr WrapClass kClass = {"NativeNestedMmu", make_wrap<NestedMmuWrap>, kMembers};
  return define_class(env, kClass);
}

NestedMmuWrap::NestedMmuWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  memory_ = PhysicalMemoryWrap::from(info[0]).memory();
  const Napi::Object options = object_of(info[1], "options");
  processor_ = processor_of(options);
  execute_only_ = bit_of(options.Get("executeOnly"), "processor.executeOnly");
  mmu::NestedConfig config{.processor = processor_,
                           .tlbs = hierarchy_of(options.Get("tlb")),
                           .structure_caches = structure_caches_of(options.Get("structureCaches")),
                           .nested_tlb = {},
                           .seed = unsigned_of(options.Get("seed"), "seed")};
  tlb::HierarchyConfig nested = hierarchy_of(options.Get("nestedTlb"));
  nested.way_choice = config.tlbs.way_choice;
  for (const auto& errors : {check(config.tlbs), check(nested), check(config.structure_caches)})
    if (!errors.empty()) raise(env, errors.front());
  if (!nested.tlbs.empty()) config.nested_tlb = nested.tlbs.front();
  mmu_ = std::make_unique<ScriptNestedMmu>(*memory_, config, machine_of(info, 2));
  external_bytes_ = bytes_of(config.tlbs, config.structure_caches) + bytes_of(nested, {});
  Napi::MemoryManagement::AdjustExternalMemory(env, external_bytes_);
}

void NestedMmuWrap::on_collected(Napi::BasicEnv env) {
  Napi::MemoryManagement::AdjustExternalMemory(env, -external_bytes_);
}

mmu::VirtualMachine NestedMmuWrap::machine_of(const Napi::CallbackInfo& info, std::size_t first) const {
  const Napi::Env env = info.Env();
  const std::uint64_t eptp = unsigned_of(info[first], "eptp");
  const auto ept = value_or_raise(env, mmu::ept_control_of(eptp, processor_, execute_only_));
  if (!memory_->contains(ept.root, kFrameBytes))
    raise(env, ErrorCode::PhysicalAddress,
          "eptp: expected a root table below " + hex(memory_->size()) + ", got " + hex(eptp));
  return {vpid_of(info[first + 1]), ept};
}

// (eptp, vmid)
Napi::Value NestedMmuWrap::enter(const Napi::CallbackInfo& info) {
  mmu_->enter(machine_of(info, 0));
  return {};
}

Napi::Value NestedMmuWrap::control(const Napi::CallbackInfo& info) {
  return control_bits_to_js(info.Env(), mmu_->registers().bits());
}

// (bits to change)
Napi::Value NestedMmuWrap::set_control(const Napi::CallbackInfo& info) {
  value_or_raise(info.Env(), mmu_->set_control(control_bits_of(info[0], mmu_->registers().bits())));
  return {};
}

Napi::Value NestedMmuWrap::keys(const Napi::CallbackInfo& info) {
  return keys_to_js(info.Env(), mmu_->registers());
}

// (pkru, pkrs)
Napi::Value NestedMmuWrap::set_keys(const Napi::CallbackInfo& info) {
  const std::uint32_t pkru = key_register_of(info[0], "pkru");
  mmu_->set_keys(pkru, key_register_of(info[1], "pkrs"));
  return {};
}

Napi::Value NestedMmuWrap::cr3(const Napi::CallbackInfo& info) {
  return address_to_js(info.Env(), mmu_->registers().cr3());
}

// (raw value)
Napi::Value NestedMmuWrap::write_cr3(const Napi::CallbackInfo& info) {
  value_or_raise(info.Env(), mmu_->write_cr3(unsigned_of(info[0], "cr3")));
  return {};
}

// (address, operation, cpl, ac, bytes)
Napi::Value NestedMmuWrap::access(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const mmu::NestedOutcome outcome = mmu_->access(access_of(info));
  if (outcome.exit) return exit_to_js(env, *outcome.exit);
  return outcome_to_js(env, {outcome.exception, outcome.first, outcome.second});
}

Napi::Value NestedMmuWrap::invlpg(const Napi::CallbackInfo& info) {
  mmu_->invlpg(VirtAddr(unsigned_of(info[0], "address")));
  return {};
}

// (type, pcid, address)
Napi::Value NestedMmuWrap::invpcid(const Napi::CallbackInfo& info) {
  const mmu::InvpcidType type = invpcid_type_of(info[0]);
  const std::uint64_t pcid = unsigned_of(info[1], "pcid");
  value_or_raise(info.Env(), mmu_->invpcid(type, pcid, VirtAddr(unsigned_of(info[2], "va"))));
  return {};
}

// (type, eptp)
Napi::Value NestedMmuWrap::invept(const Napi::CallbackInfo& info) {
  const std::uint64_t type = unsigned_of(info[0], "type");
  if (type != 1 && type != 2)
    raise(info.Env(), ErrorCode::OutOfRange, "type: expected 1 or 2, got " + describe(info[0]));
  if (type == 2) {
    mmu_->invept(std::nullopt);
    return {};
  }
  const std::uint64_t eptp = unsigned_of(info[1], "eptp");
  mmu_->invept(value_or_raise(info.Env(), mmu::ept_control_of(eptp, processor_, execute_only_)).root);
  return {};
}

// (type, vmid, address)
Napi::Value NestedMmuWrap::invvpid(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::uint64_t type = unsigned_of(info[0], "type");
  if (type >= mmu::kInvvpidTypes)
    raise(env, ErrorCode::OutOfRange, "type: expected 0 to 3, got " + describe(info[0]));
  const auto named = static_cast<mmu::InvvpidType>(type);
  const std::uint16_t vpid = vpid_of(info[1]);
  if (vpid == 0 && named != mmu::InvvpidType::EveryVpid)
    raise(env, ErrorCode::OutOfRange, "vmid: expected 1 to 65535, got " + describe(info[1]));
  const VirtAddr address(unsigned_of(info[2], "va"));
  if (named == mmu::InvvpidType::Address && !is_canonical(address, kMaxVirtBits))
    raise(env, ErrorCode::NotCanonical, "va: expected a canonical address, got " + describe(info[2]));
  mmu_->invvpid(named, vpid, address);
  return {};
}

Napi::Value NestedMmuWrap::stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object object = Napi::Object::New(env);
  object["tlbs"] = tlbs_to_js(env, tlbs_of(*mmu_));
  const mmu::NestedCounters counted = mmu_->counters();
  Napi::Object walks = Napi::Object::New(env);
  walks["total"] = to_js(env, counted.total);
  walks["fetch"] = to_js(env, counted.fetch);
  walks["references"] = to_js(env, counted.guest_references + counted.host_references);
  walks["guestReferences"] = to_js(env, counted.guest_references);
  walks["hostReferences"] = to_js(env, counted.host_references);
  walks["faulted"] = to_js(env, counted.faulted);
  walks["exits"] = to_js(env, counted.exits);
  object["walks"] = walks;
  return object;
}

}  // namespace pw::binding
