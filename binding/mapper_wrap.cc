// SPDX-License-Identifier: MIT
// The native side of lib/mapper.ts.
#include "binding/mapper_wrap.h"

#include "binding/errors.h"
#include "binding/frame_allocator_wrap.h"
#include "binding/physical_memory_wrap.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

constexpr std::string_view kScopeWords[] = {"nothing", "page", "tables"};

Napi::Value invalidation_to_js(Napi::Env env, paging::PendingInvalidation invalidation) {
  Napi::Object object = Napi::Object::New(env);
  object["address"] = address_to_js(env, invalidation.address().value());
  object["scope"] = to_js(env, kScopeWords[static_cast<std::size_t>(invalidation.scope())]);
  object["global"] = to_js(env, invalidation.was_global());
  std::move(invalidation).ignore("the caller of JavaScript's holds the duty now");
  return object;
}

}  // namespace

paging::PendingInvalidation invalidation_of(const Napi::Value& value) {
  const Napi::Object object = object_of(value, "invalidation");
  const Napi::Value global = object.Get("global");
  if (!global.IsBoolean()) raise_expected("a boolean", "invalidation.global", global);
  return {VirtAddr(unsigned_of(object.Get("address"), "invalidation.address")),
          choice_of<paging::InvalidationScope>(object.Get("scope"), "invalidation.scope", kScopeWords),
          global.As<Napi::Boolean>().Value()};
}

Napi::Function MapperWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&MapperWrap::root>("root"),       member<&MapperWrap::table_count>("tableCount"),
      member<&MapperWrap::map>("map"),         member<&MapperWrap::unmap>("unmap"),
      member<&MapperWrap::protect>("protect"), member<&MapperWrap::find>("find"),
  };
  static constexpr WrapClass kClass = {"NativeMapper", make_wrap<MapperWrap>, kMembers};
  return define_class(env, kClass);
}

MapperWrap::MapperWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  memory_ = PhysicalMemoryWrap::from(info[0]).memory();
  allocator_ = FrameAllocatorWrap::from(info[1]).allocator();
  const std::uint64_t levels = unsigned_of(info[2], "levels");
  if (levels != 4 && levels != 5) raise(env, ErrorCode::OutOfRange, "levels: expected 4 or 5");
  if (allocator_->frames() > memory_->frames())
    raise(env, ErrorCode::InvalidConfig, "the allocator gives out frames that the memory does not have");
  if (allocator_->free_count() == 0)
    raise(env, ErrorCode::OutOfMemory, "no frame is free for the root table");
  frames_ = std::make_unique<phys::FrameTable>(memory_->frames());
  guard_ = std::make_unique<TableGuard>(*memory_, *allocator_, *frames_);
  mapper_ = std::make_unique<paging::Mapper>(*memory_, *allocator_, *frames_, static_cast<unsigned>(levels));
}

MapperWrap::~MapperWrap() {
  // The mapper frees its tables, which must be its own still; otherwise its few words are left behind.
  if (mapper_ && !guard_->is_tree_intact(*mapper_)) static_cast<void>(mapper_.release());
}

VirtAddr MapperWrap::reachable(const Napi::Value& value) const {
  const VirtAddr address(unsigned_of(value, "address"));
  if (is_canonical(address, paging::virtual_bits(mapper_->levels())) &&
      !guard_->is_path_intact(*mapper_, address))
    raise(value.Env(), ErrorCode::InvalidConfig,
          "the page tables on the way to the address were changed by something else than this mapper");
  return address;
}

Napi::Value MapperWrap::root(const Napi::CallbackInfo& info) {
  return address_to_js(info.Env(), mapper_->root().value());
}

Napi::Value MapperWrap::table_count(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), mapper_->table_count());
}

// (address, physical, pageSize, flags)
Napi::Value MapperWrap::map(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const PhysAddr physical(unsigned_of(info[1], "physical"));
  const PageSize size = page_size_of(info[2], "pageSize");
  const paging::LeafFlags flags{unsigned_of(info[3], "flags")};
  return invalidation_to_js(env,
                            value_or_raise(env, mapper_->map(reachable(info[0]), physical, size, flags)));
}

// (address)
Napi::Value MapperWrap::unmap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return invalidation_to_js(env, value_or_raise(env, mapper_->unmap(reachable(info[0]))));
}

// (address, flags)
Napi::Value MapperWrap::protect(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const paging::LeafFlags flags{unsigned_of(info[1], "flags")};
  return invalidation_to_js(env, value_or_raise(env, mapper_->protect(reachable(info[0]), flags)));
}

// (address): the leaf that maps it, or null
Napi::Value MapperWrap::find(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const VirtAddr address = reachable(info[0]);
  if (!is_canonical(address, paging::virtual_bits(mapper_->levels())))
    raise(env, ErrorCode::NotCanonical, "expected a canonical address, got " + describe(info[0]));
  const auto leaf = mapper_->find(address);
  if (!leaf) return env.Null();
  const PageSize size = paging::page_size_of(leaf->level);
  Napi::Object object = Napi::Object::New(env);
  object["entry"] = address_to_js(env, *leaf->slot);
  object["entryAddress"] = address_to_js(env, leaf->slot_address.value());
  object["physical"] = address_to_js(env, paging::Entry(*leaf->slot).page(size).value());
  object["pageSize"] = to_js(env, name_of(size));
  return object;
}

}  // namespace pw::binding
