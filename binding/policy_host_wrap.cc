// SPDX-License-Identifier: MIT
#include "binding/policy_host_wrap.h"

#include <cmath>
#include <utility>

#include "binding/callback.h"
#include "binding/errors.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {

Napi::Function PolicyHostWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&PolicyHostWrap::test_and_clear_accessed>("testAndClearAccessed"),
      member<&PolicyHostWrap::test_dirty>("isDirty"),
  };
  static constexpr WrapClass kClass = {"NativePolicyHost", make_wrap<PolicyHostWrap>, kMembers};
  return define_class(env, kClass);
}

PolicyHostWrap& PolicyHostWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kPolicyHostTag))
    raise_expected("a policy host", "policy", value);
  return unwrap<PolicyHostWrap>(value);
}

PolicyHostWrap::PolicyHostWrap(const Napi::CallbackInfo& info) {
  // A property, which the collector sees: a strong reference would keep the function for ever, as it holds this object.
  const Napi::Function ask = function_of(info[0], "ask");
  info.This().As<Napi::Object>().Set("ask", ask);
  ask_ = Napi::Weak(ask);
  attach(info[1]);
  observes_references_ = info[2].ToBoolean();
  info.This().As<Napi::Object>().TypeTag(&kPolicyHostTag);
}

// Header (8 doubles), pages, victims, slots, counts, kinds.
void PolicyHostWrap::attach(const Napi::Value& buffer) {
  constexpr std::size_t kHeader = 8;
  constexpr std::size_t kBytes = 8 * (kHeader + kRows + kVictims) + (4 + 4 + 1) * kRows;
  if (!buffer.IsArrayBuffer() || buffer.As<Napi::ArrayBuffer>().ByteLength() != kBytes)
    raise_expected("an ArrayBuffer of the layout's size", "buffer", buffer);
  buffer_ = Napi::Persistent(buffer.As<Napi::Object>());
  header_ = static_cast<double*>(buffer.As<Napi::ArrayBuffer>().Data());
  double* pages = header_ + kHeader;
  victims_ = {pages + kRows, kVictims};
  auto* slots = reinterpret_cast<std::uint32_t*>(pages + kRows + kVictims);
  auto* kinds = reinterpret_cast<policy::PolicyEvent*>(slots + 2 * kRows);
  columns_ = {.kinds = {kinds, kRows},
              .pages = {pages, kRows},
              .slots = {slots, kRows},
              .counts = {slots + kRows, kRows}};
}

std::unique_ptr<policy::ReplacementPolicy> PolicyHostWrap::make(const policy::PolicyContext& context) {
  auto made = std::make_unique<policy::HostedPolicy>(context, *this);
  policy_ = made.get();
  return made;
}

void PolicyHostWrap::deliver(std::size_t rows) { ask(Question::Deliver, rows, 0); }

std::span<const double> PolicyHostWrap::choose_victims(VirtPage page, std::size_t rows) {
  choosing_ = true;
  const std::int32_t named = ask(Question::Choose, rows, static_cast<double>(page.value()));
  choosing_ = false;
  if (named <= 0 || static_cast<std::size_t>(named) > kVictims) return {};
  return victims_.first(static_cast<std::size_t>(named));
}

void PolicyHostWrap::refuse_victim(std::size_t index) {
  ask(Question::Refuse, 0, static_cast<double>(index));
}

std::int32_t PolicyHostWrap::ask(Question question, std::size_t rows, double detail) {
  header_[0] = static_cast<double>(question);
  header_[1] = static_cast<double>(rows);
  header_[2] = detail;
  asking_ = true;
  const std::int32_t answer = ask_for_number(ask_, kFailed);
  asking_ = false;
  return answer;
}

// A page number that cannot be one is not resident.
std::uint64_t PolicyHostWrap::page_asked_about(const Napi::CallbackInfo& info) const {
  if (!choosing_)
    raise(info.Env(), ErrorCode::InvalidArgument,
          "bits: they can be tested only while chooseVictim is asked");
  const double page = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
  const bool is_page = page >= 0 && page < 0x1p52 && page == std::floor(page);
  return is_page ? static_cast<std::uint64_t>(page) : ~std::uint64_t{0};
}

Napi::Value PolicyHostWrap::test_and_clear_accessed(const Napi::CallbackInfo& info) {
  const std::uint64_t page = page_asked_about(info);
  if (!policy_->is_hardware())
    raise(info.Env(), ErrorCode::InvalidConfig,
          "bits: expected observe to be \"hardware\" to test Accessed bits; with exact observation onAccess "
          "tells "
          "of references");
  const auto bit = policy_->test_and_clear_accessed(page);
  if (!bit) raise_expected("the number of a resident page", "page", info[0]);
  return to_js(info.Env(), *bit);
}

Napi::Value PolicyHostWrap::test_dirty(const Napi::CallbackInfo& info) {
  const auto bit = policy_->test_dirty(page_asked_about(info));
  if (!bit) raise_expected("the number of a resident page", "page", info[0]);
  return to_js(info.Env(), *bit);
}

}  // namespace pw::binding
