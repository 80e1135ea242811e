// SPDX-License-Identifier: MIT
// Conversions of plain values.
#include "binding/values.h"

#include <cmath>

namespace pw::binding {

std::string describe(const Napi::Value& value) {
  if (value.IsString()) return "'" + value.As<Napi::String>().Utf8Value() + "'";
  if (value.IsUndefined()) return "undefined";
  if (value.IsFunction()) return "a function";
  if (value.IsArray()) return "an array";
  if (value.IsSymbol()) return "a symbol";
  if (value.IsObject()) return "an object";
  return value.ToString().Utf8Value();
}

void raise_expected(const char* expected, const std::string& name, const Napi::Value& came) {
  raise(came.Env(), ErrorCode::InvalidArgument,
        name + ": expected " + std::string(expected) + ", got " + describe(came));
}

std::string text_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsString()) raise_expected("a string", name, value);
  return value.As<Napi::String>().Utf8Value();
}

std::uint64_t unsigned_of(const Napi::Value& value, const std::string& name) {
  if (value.IsBigInt()) {
    bool lossless = false;
    const std::uint64_t number = value.As<Napi::BigInt>().Uint64Value(&lossless);
    if (lossless) return number;
  } else if (value.IsNumber()) {
    const double number = value.As<Napi::Number>().DoubleValue();
    if (number >= 0 && number <= 9007199254740991.0 && std::trunc(number) == number)
      return static_cast<std::uint64_t>(number);
  } else {
    raise_expected("a number or a bigint", name, value);
  }
  raise(value.Env(), ErrorCode::OutOfRange,
        name + ": expected a whole number from 0, got " + describe(value));
}

Napi::Object object_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsObject()) raise_expected("an object", name, value);
  return value.As<Napi::Object>();
}

Napi::Array array_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsArray()) raise_expected("an array", name, value);
  return value.As<Napi::Array>();
}

Napi::Function function_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsFunction()) raise_expected("a function", name, value);
  return value.As<Napi::Function>();
}

PageSize page_size_of(const Napi::Value& value, const std::string& name) {
  constexpr std::string_view kWords[] = {"4KiB", "2MiB", "1GiB"};
  return choice_of<PageSize>(value, name, kWords);
}

AccessKind access_kind_of(const Napi::Value& value, const std::string& name) {
  constexpr std::string_view kWords[] = {"fetch", "load", "store", "modify"};
  return choice_of<AccessKind>(value, name, kWords);
}

Napi::Value to_js(Napi::Env env, const std::vector<std::string>& texts) {
  return list_to_js(env, texts, [&](const std::string& text) { return to_js(env, std::string_view(text)); });
}

}  // namespace pw::binding
