// SPDX-License-Identifier: MIT
// Native errors to JavaScript errors.
#include "binding/errors.h"

#include <string>

#include "binding/addon_data.h"

namespace pw::binding {
namespace {

template <class T, class Convert>
Napi::Value optional_value(Napi::Env env, const std::optional<T>& value, Convert convert) {
  return value ? Napi::Value(convert(*value)) : env.Undefined();
}

}  // namespace

std::string_view class_name(ErrorClass type) {
  switch (type) {
    case ErrorClass::Type: return "TypeError";
    case ErrorClass::Range: return "RangeError";
    case ErrorClass::Pagewalk: break;
  }
  return "PagewalkError";
}

Napi::Error to_js(Napi::Env env, const Error& error) {
  const ErrorInfo& info = info_of(error.code);
  const std::string code = "ERR_PAGEWALK_" + std::string(info.name);
  const auto* data = env.GetInstanceData<AddonData>();
  if (data->make_error.IsEmpty()) {  // only before lib/native.ts has handed over its factory
    Napi::Error plain = Napi::Error::New(env, error.message);
    plain.Set("code", code);
    return plain;
  }
  const auto number = [&](std::uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); };
  const Napi::Value made = data->make_error.Call(
      {Napi::String::New(env, class_name(info.type).data()), Napi::String::New(env, code),
       Napi::String::New(env, error.message),
       optional_value(env, error.file, [&](const std::string& file) { return Napi::String::New(env, file); }),
       optional_value(env, error.line, number), optional_value(env, error.offset, number)});
  return Napi::Error(env, made);
}

void raise(Napi::Env env, const Error& error) { throw to_js(env, error); }

void raise(Napi::Env env, ErrorCode code, std::string message) {
  raise(env, Error{.code = code, .message = std::move(message)});
}

Error internal_error(const char* what) { return {.code = ErrorCode::Internal, .message = what}; }

Error host_memory_error() {
  return {.code = ErrorCode::OutOfMemory, .message = "the host has no memory left for what was asked"};
}

}  // namespace pw::binding
