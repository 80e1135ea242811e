// SPDX-License-Identifier: MIT
// The native side of lib/mmu-group.ts.
#include "binding/shootdowns_wrap.h"

#include "binding/errors.h"
#include "binding/mapper_wrap.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

constexpr std::uint32_t kMostPages = 1u << 20;

mmu::ShootdownPolicy policy_of(const Napi::Object& options) {
  mmu::ShootdownPolicy policy;
  const Napi::Value lazy = options.Get("lazy");
  if (!lazy.IsBoolean()) raise_expected("a boolean", "shootdown.lazy", lazy);
  policy.lazy = lazy.As<Napi::Boolean>().Value();
  const Napi::Value batch = options.Get("batch");
  if (is_absent(batch)) return policy;
  const std::uint64_t pages = unsigned_of(batch, "shootdown.batch");
  if (pages > kMostPages)
    raise(options.Env(), ErrorCode::OutOfRange,
          "shootdown.batch: expected 0 to 1048576 pages, got " + describe(batch));
  policy.batch = static_cast<std::uint32_t>(pages);
  return policy;
}

}  // namespace

Napi::Function ShootdownsWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&ShootdownsWrap::add_space>("addSpace"), member<&ShootdownsWrap::switch_to>("switchTo"),
      member<&ShootdownsWrap::note_cr3>("noteCr3"),   member<&ShootdownsWrap::check_core>("checkCore"),
      member<&ShootdownsWrap::post>("post"),          member<&ShootdownsWrap::flush>("flush"),
      member<&ShootdownsWrap::holders>("holders"),    member<&ShootdownsWrap::stats>("stats"),
  };
  static constexpr WrapClass kClass = {"NativeShootdowns", make_wrap<ShootdownsWrap>, kMembers};
  return define_class(env, kClass);
}

ShootdownsWrap::ShootdownsWrap(const Napi::CallbackInfo& info) {
  const Napi::Array cores = array_of(info[0], "cores");
  if (cores.Length() == 0 || cores.Length() > mmu::CoreSet::kMaxCores)
    raise(info.Env(), ErrorCode::OutOfRange, "cores: expected 1 to 256 of them");
  std::vector<ScriptMmu*> pointers;
  for (std::uint32_t i = 0; i < cores.Length(); ++i) {
    const MmuWrap& core = MmuWrap::from(cores.Get(i));
    mmus_.push_back(core.mmu());
    memories_.push_back(core.memory());
    pointers.push_back(core.mmu().get());
  }
  shootdowns_ = std::make_unique<mmu::Shootdowns<ScriptMmu>>(std::move(pointers),
                                                             policy_of(object_of(info[1], "shootdown")));
}

std::size_t ShootdownsWrap::core_of(const Napi::Value& value) const {
  const std::uint64_t core = unsigned_of(value, "core");
  if (core >= shootdowns_->cores())
    raise(value.Env(), ErrorCode::OutOfRange,
          "core: expected 0 to " + std::to_string(shootdowns_->cores() - 1) + ", got " + describe(value));
  return core;
}

std::size_t ShootdownsWrap::space_of(const Napi::Value& value) const {
  const std::uint64_t space = unsigned_of(value, "space");
  if (space >= shootdowns_->spaces())
    raise(value.Env(), ErrorCode::OutOfRange,
          "space: expected one of " + std::to_string(shootdowns_->spaces()) + ", got " + describe(value));
  return space;
}

// (root, pcid): the number of the space
Napi::Value ShootdownsWrap::add_space(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const PhysAddr root(unsigned_of(info[0], "root"));
  const std::uint64_t pcid = unsigned_of(info[1], "pcid");
  if (pcid > mmu::ControlRegisters::kPcidMask)
    raise(env, ErrorCode::OutOfRange, "pcid: expected 0 to 4095, got " + describe(info[1]));
  if (shootdowns_->has_pcid(Asid(pcid)))
    raise(env, ErrorCode::InvalidConfig,
          "pcid: expected one that no address space of the group has, got " + describe(info[1]));
  return to_js(env, shootdowns_->add_space(root, Asid(pcid)));
}

// (core, space)
Napi::Value ShootdownsWrap::switch_to(const Napi::CallbackInfo& info) {
  value_or_raise(info.Env(), shootdowns_->switch_to(core_of(info[0]), space_of(info[1])));
  return {};
}

// (core)
Napi::Value ShootdownsWrap::note_cr3(const Napi::CallbackInfo& info) {
  shootdowns_->note_cr3(core_of(info[0]));
  return {};
}

// (core)
Napi::Value ShootdownsWrap::check_core(const Napi::CallbackInfo& info) {
  core_of(info[0]);
  return {};
}

// (core, space, invalidation)
Napi::Value ShootdownsWrap::post(const Napi::CallbackInfo& info) {
  shootdowns_->post(core_of(info[0]), space_of(info[1]), invalidation_of(info[2]));
  return {};
}

// (core)
Napi::Value ShootdownsWrap::flush(const Napi::CallbackInfo& info) {
  shootdowns_->flush(core_of(info[0]));
  return {};
}

// (space): the numbers of the cores that may hold translations of it
Napi::Value ShootdownsWrap::holders(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<std::uint64_t> cores;
  shootdowns_->space(space_of(info[0])).holders.for_each([&](std::size_t core) { cores.push_back(core); });
  return list_to_js(env, cores, [&](std::uint64_t core) { return to_js(env, core); });
}

Napi::Value ShootdownsWrap::stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const mmu::ShootdownCounters& counted = shootdowns_->counters();
  Napi::Object object = Napi::Object::New(env);
  object["shootdowns"] = to_js(env, counted.shootdowns);
  object["ipis"] = to_js(env, counted.ipis);
  object["pages"] = to_js(env, counted.pages);
  object["fullFlushes"] = to_js(env, counted.full_flushes);
  object["skipped"] = to_js(env, counted.skipped);
  object["deferredFlushes"] = to_js(env, counted.deferred_flushes);
  return object;
}

}  // namespace pw::binding
