// SPDX-License-Identifier: MIT
// The native side of lib/tlb.ts.
#include "binding/tlb_wrap.h"

#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

Asid asid_of(const Napi::Value& value) {
  const std::uint64_t asid = unsigned_of(value, "asid");
  if (asid >> tlb::kAsidBits != 0)
    raise(value.Env(), ErrorCode::OutOfRange, "asid: expected 0 to 4095, got " + describe(value));
  return Asid(asid);
}

VirtAddr address_argument(const Napi::Value& value) {
  const VirtAddr address(unsigned_of(value, "address"));
  if (!is_canonical(address, kMaxVirtBits))
    raise(value.Env(), ErrorCode::NotCanonical,
          "address: expected one that is canonical for 57 bits, got " + describe(value));
  return address;
}

}  // namespace

Napi::Function TlbWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&TlbWrap::lookup>("lookup"),         member<&TlbWrap::insert>("insert"),
      member<&TlbWrap::invalidate>("invalidate"), member<&TlbWrap::clear>("clear"),
      member<&TlbWrap::lookups>("lookups"),       member<&TlbWrap::misses>("misses"),
  };
  static constexpr WrapClass kClass = {"NativeTlb", make_wrap<TlbWrap>, kMembers};
  return define_class(env, kClass);
}

TlbWrap::TlbWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const tlb::HierarchyConfig config = hierarchy_of(info[0]);
  if (config.tlbs.size() != 1) raise(env, ErrorCode::InvalidArgument, "tlbs: expected one TLB");
  const std::vector<Error> errors = check(config);
  if (!errors.empty()) raise(env, errors.front());
  tlb_.emplace(config.tlbs.front(), config.way_choice, unsigned_of(info[1], "seed"));
}

// (address, asid): { pa, pageSize }, or null
Napi::Value TlbWrap::lookup(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const VirtAddr address = address_argument(info[0]);
  const Asid asid = asid_of(info[1]);
  const auto found = tlb::find_any(*tlb_, address, asid);
  ++tlb_->lookups;
  if (!found) {
    ++tlb_->misses;
    return env.Null();
  }
  tlb::use(*tlb_, address, found->size, asid, ++now_);
  Napi::Object object = Napi::Object::New(env);
  object["pa"] = address_to_js(env, found->physical(address).value());
  object["pageSize"] = to_js(env, name_of(found->size));
  return object;
}

// (address, physical, pageSize, asid)
Napi::Value TlbWrap::insert(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const VirtAddr address = address_argument(info[0]);
  const std::uint64_t physical = unsigned_of(info[1], "physical");
  const PageSize size = page_size_of(info[2], "pageSize");
  if (tlb_->array(size) == nullptr)
    raise(env, ErrorCode::InvalidArgument,
          "pageSize: this TLB holds no pages of " + std::string(name_of(size)));
  if (physical >> kMaxPhysBits != 0 || physical % bytes_of(size) != 0)
    raise(env, ErrorCode::PhysicalAddress,
          "physical: expected a multiple of " + std::string(name_of(size)) + " below 2^52, got " +
              describe(info[1]));
  const Asid asid = asid_of(info[3]);
  tlb_->invalidate(address, asid);  // an insert finds no other translation of the address
  tlb::insert(*tlb_, address, {tlb::Entry(physical | paging::flag::kPresent), size}, asid, ++now_);
  return {};
}

// (address, asid)
Napi::Value TlbWrap::invalidate(const Napi::CallbackInfo& info) {
  tlb_->invalidate(address_argument(info[0]), asid_of(info[1]));
  return {};
}

Napi::Value TlbWrap::clear(const Napi::CallbackInfo&) {
  tlb_->invalidate_if([](tlb::Tag, tlb::Entry) { return true; });
  return {};
}

Napi::Value TlbWrap::lookups(const Napi::CallbackInfo& info) { return to_js(info.Env(), tlb_->lookups); }

Napi::Value TlbWrap::misses(const Napi::CallbackInfo& info) { return to_js(info.Env(), tlb_->misses); }

}  // namespace pw::binding
