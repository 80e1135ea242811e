// SPDX-License-Identifier: MIT
// Classes of JavaScript's whose objects hold a native one.
#include "binding/wrap.h"

#include <vector>

#include "binding/errors.h"

namespace pw::binding {
namespace {

void check(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

// No C++ exception may cross into Node.
napi_value answer(napi_env env, napi_callback_info raw, Napi::Value (*call)(const Napi::CallbackInfo&)) {
  try {
    return call(Napi::CallbackInfo(env, raw));
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
    return nullptr;
  }
}

void collect(napi_env env, void* data, void*) {
  const Napi::HandleScope scope(env);
  const std::unique_ptr<Wrap> wrap(static_cast<Wrap*>(data));
  wrap->on_collected(env);
}

Napi::Value construct_object(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info.IsConstructCall())
    throw Napi::TypeError::New(env, "Class constructors cannot be invoked without 'new'");
  const auto& wrap_class = *static_cast<const WrapClass*>(info.Data());
  std::unique_ptr<Wrap> wrap = guarded(env, [&] { return wrap_class.make(info); });
  check(env, napi_wrap(env, info.This(), wrap.get(), collect, nullptr, nullptr));
  wrap.release();
  return info.This();
}

// Node gives it objects of the member's class only.
Napi::Value call_member(const Napi::CallbackInfo& info) {
  return wrap_of(info.This()).call(static_cast<const WrapMember*>(info.Data())->method, info);
}

napi_value construct(napi_env env, napi_callback_info info) { return answer(env, info, construct_object); }
napi_value call_method(napi_env env, napi_callback_info info) { return answer(env, info, call_member); }

napi_property_descriptor descriptor_of(const WrapMember& member) {
  napi_property_descriptor descriptor{};
  descriptor.utf8name = member.name;
  descriptor.data = const_cast<WrapMember*>(&member);
  (member.kind == Member::Getter ? descriptor.getter : descriptor.method) = call_method;
  return descriptor;
}

}  // namespace

Napi::Value Wrap::call(Method method, const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return (this->*method)(info); });
}

Napi::Function define_class(Napi::Env env, const WrapClass& wrap_class) {
  std::vector<napi_property_descriptor> descriptors;
  for (const WrapMember& member : wrap_class.members) descriptors.push_back(descriptor_of(member));
  napi_value made = nullptr;
  check(env, napi_define_class(env, wrap_class.name, NAPI_AUTO_LENGTH, construct,
                               const_cast<WrapClass*>(&wrap_class), descriptors.size(), descriptors.data(),
                               &made));
  return {env, made};
}

Wrap& wrap_of(const Napi::Value& object) {
  void* wrap = nullptr;
  check(object.Env(), napi_unwrap(object.Env(), object, &wrap));
  return *static_cast<Wrap*>(wrap);
}

}  // namespace pw::binding
