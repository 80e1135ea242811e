// SPDX-License-Identifier: MIT
// The native side of lib/mmu.ts.
#include "binding/mmu_wrap.h"

#include "base/hex.h"
#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/mmu_values.h"
#include "binding/physical_memory_wrap.h"
#include "binding/state_values.h"
#include "binding/table_values.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

void require(Napi::Env env, const std::vector<Error>& errors) {
  if (!errors.empty()) raise(env, errors.front());
}

}  // namespace

Napi::Function MmuWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&MmuWrap::control>("control"), member<&MmuWrap::set_control>("setControl"),
      member<&MmuWrap::keys>("keys"),       member<&MmuWrap::set_keys>("setKeys"),
      member<&MmuWrap::cr3>("cr3"),         member<&MmuWrap::write_cr3>("writeCr3"),
      member<&MmuWrap::access>("access"),   member<&MmuWrap::invlpg>("invlpg"),
      member<&MmuWrap::invpcid>("invpcid"), member<&MmuWrap::walk>("walk"),
      member<&MmuWrap::tables>("tables"),   member<&MmuWrap::save_state>("saveState"),
      member<&MmuWrap::stats>("stats"),
  };
  static constexpr WrapClass kClass = {"NativeMmu", make_wrap<MmuWrap>, kMembers};
  return define_class(env, kClass);
}

MmuWrap& MmuWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kMmuTag))
    raise_expected("an Mmu", "core", value);
  return unwrap<MmuWrap>(value);
}

MmuWrap::MmuWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  memory_ = PhysicalMemoryWrap::from(info[0]).memory();
  const Napi::Object options = object_of(info[1], "options");
  const tlb::HierarchyConfig tlbs = hierarchy_of(options.Get("tlb"));
  const tlb::StructureCacheConfig caches = structure_caches_of(options.Get("structureCaches"));
  require(env, check(tlbs));
  require(env, check(caches));
  processor_ = processor_of(options);
  const std::uint64_t seed = unsigned_of(options.Get("seed"), "seed");
  mmu_ = std::make_shared<ScriptMmu>(*memory_, processor_, tlbs, caches, seed);
  external_bytes_ = bytes_of(tlbs, caches);
  Napi::MemoryManagement::AdjustExternalMemory(env, external_bytes_);
  info.This().As<Napi::Object>().TypeTag(&kMmuTag);
}

void MmuWrap::on_collected(Napi::BasicEnv env) {
  Napi::MemoryManagement::AdjustExternalMemory(env, -external_bytes_);
}

Napi::Value MmuWrap::control(const Napi::CallbackInfo& info) {
  return control_bits_to_js(info.Env(), mmu_->registers().bits());
}

// (bits to change)
Napi::Value MmuWrap::set_control(const Napi::CallbackInfo& info) {
  value_or_raise(info.Env(), mmu_->set_control(control_bits_of(info[0], mmu_->registers().bits())));
  return {};
}

Napi::Value MmuWrap::keys(const Napi::CallbackInfo& info) {
  return keys_to_js(info.Env(), mmu_->registers());
}

// (pkru, pkrs)
Napi::Value MmuWrap::set_keys(const Napi::CallbackInfo& info) {
  const std::uint32_t pkru = key_register_of(info[0], "pkru");
  mmu_->set_keys(pkru, key_register_of(info[1], "pkrs"));
  return {};
}

Napi::Value MmuWrap::cr3(const Napi::CallbackInfo& info) {
  return address_to_js(info.Env(), mmu_->registers().cr3());
}

// (raw value); the root table must lie in the memory
Napi::Value MmuWrap::write_cr3(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::uint64_t value = unsigned_of(info[0], "cr3");
  const mmu::ControlRegisters& registers = mmu_->registers();
  value_or_raise(env, registers.check_cr3(value));
  if (!memory_->contains(PhysAddr(registers.table_of(value)), kFrameBytes))
    raise(env, ErrorCode::PhysicalAddress,
          "cr3: expected a root table below " + hex(memory_->size()) + ", got " + hex(value));
  value_or_raise(env, mmu_->write_cr3(value));
  return {};
}

// (address, operation, cpl, ac, bytes)
Napi::Value MmuWrap::access(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return outcome_to_js(env, mmu_->access(access_of(info)));
}

Napi::Value MmuWrap::invlpg(const Napi::CallbackInfo& info) {
  mmu_->invlpg(VirtAddr(unsigned_of(info[0], "address")));
  return {};
}

// (type, pcid, address)
Napi::Value MmuWrap::invpcid(const Napi::CallbackInfo& info) {
  const mmu::InvpcidType type = invpcid_type_of(info[0]);
  const std::uint64_t pcid = unsigned_of(info[1], "pcid");
  value_or_raise(info.Env(), mmu_->invpcid(type, pcid, VirtAddr(unsigned_of(info[2], "va"))));
  return {};
}

// (address, operation, cpl, ac)
Napi::Value MmuWrap::walk(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const VirtAddr address(unsigned_of(info[0], "address"));
  return report_to_js(env, address, mmu_->report(address, access_type_of(info, 1)));
}

// (options)
Napi::Value MmuWrap::tables(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const mmu::ControlRegisters& registers = mmu_->registers();
  return dump_to_js(env, paging::dump_tables(*memory_, registers.root().upper.table(), registers.control(),
                                             dump_options_of(info[0])));
}

// (path or undefined, config)
Napi::Value MmuWrap::save_state(const Napi::CallbackInfo& info) {
  const mmu::ControlRegisters& registers = mmu_->registers();
  const state::Registers values{
      .processor = processor_,
      .control = registers.bits(),
      .cr3 = registers.is_mode_fixed() ? std::optional(registers.cr3()) : std::nullopt,
      .pkru = registers.pkru(),
      .pkrs = registers.pkrs()};
  return binding::save_state(info, values, *memory_);
}

Napi::Value MmuWrap::stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object object = Napi::Object::New(env);
  object["tlbs"] = tlbs_to_js(env, counters_of(mmu_->caches().tlbs()));
  const mmu::WalkCounters counted = mmu_->walks();
  Napi::Object walks = Napi::Object::New(env);
  walks["total"] = to_js(env, counted.total);
  walks["fetch"] = to_js(env, counted.fetch);
  walks["references"] = to_js(env, counted.references);
  walks["faulted"] = to_js(env, counted.faulted);
  walks["dirtyUpdates"] = to_js(env, counted.dirty_updates);
  object["walks"] = walks;
  return object;
}

}  // namespace pw::binding
