// SPDX-License-Identifier: MIT
// Conversions of plain values, both ways. A value of the wrong type raises a TypeError that names it.
#pragma once

#include <napi.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/access.h"
#include "base/address.h"
#include "binding/errors.h"

namespace pw::binding {

// What a value is, for messages: "a string", "NaN", "-1".
std::string describe(const Napi::Value& value);
[[noreturn]] void raise_expected(const char* expected, const std::string& name, const Napi::Value& came);

std::string text_of(const Napi::Value& value, const std::string& name);
// A whole number in 0..2^53-1, or a bigint in 0..2^64-1.
std::uint64_t unsigned_of(const Napi::Value& value, const std::string& name);
Napi::Object object_of(const Napi::Value& value, const std::string& name);
Napi::Array array_of(const Napi::Value& value, const std::string& name);
Napi::Function function_of(const Napi::Value& value, const std::string& name);

inline bool is_absent(const Napi::Value& value) { return value.IsUndefined() || value.IsNull(); }

// The position of a word in a closed list.
template <class Enum, std::size_t N>
Enum choice_of(const Napi::Value& value, const std::string& name, const std::string_view (&words)[N]) {
  const std::string word = text_of(value, name);
  for (std::size_t i = 0; i < N; ++i)
    if (words[i] == word) return static_cast<Enum>(i);
  std::string list;
  for (const std::string_view known : words) list += (list.empty() ? "" : ", ") + std::string(known);
  raise(value.Env(), ErrorCode::UnknownName, name + ": expected one of " + list + ", got '" + word + "'");
}

PageSize page_size_of(const Napi::Value& value, const std::string& name);
AccessKind access_kind_of(const Napi::Value& value, const std::string& name);

// Counters: exact as numbers up to 2^53.
template <std::unsigned_integral T>
Napi::Value to_js(Napi::Env env, T value) {
  return Napi::Number::New(env, static_cast<double>(value));
}
inline Napi::Value to_js(Napi::Env env, double value) { return Napi::Number::New(env, value); }
inline Napi::Value to_js(Napi::Env env, bool value) { return Napi::Boolean::New(env, value); }
inline Napi::Value to_js(Napi::Env env, std::string_view text) {
  return Napi::String::New(env, text.data(), text.size());
}
Napi::Value to_js(Napi::Env env, const std::vector<std::string>& texts);
inline Napi::Value address_to_js(Napi::Env env, std::uint64_t address) {
  return Napi::BigInt::New(env, address);
}

// A Float64Array; counters are exact up to 2^53.
template <class T>
Napi::Float64Array numbers_to_js(Napi::Env env, const std::vector<T>& numbers) {
  Napi::Float64Array array = Napi::Float64Array::New(env, numbers.size());
  std::transform(numbers.begin(), numbers.end(), array.Data(),
                 [](T number) { return static_cast<double>(number); });
  return array;
}

// An array of one JavaScript value for each element of a range.
template <class Range, class Convert>
Napi::Array list_to_js(Napi::Env env, const Range& range, Convert convert) {
  Napi::Array list = Napi::Array::New(env);
  std::uint32_t index = 0;
  for (const auto& element : range) list.Set(index++, convert(element));
  return list;
}

// A closed list of words.
template <std::size_t N>
Napi::Array words_to_js(Napi::Env env, const std::string_view (&words)[N]) {
  return list_to_js(env, words, [env](std::string_view word) { return to_js(env, word); });
}

}  // namespace pw::binding
