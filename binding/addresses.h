// SPDX-License-Identifier: MIT
// Addresses in bulk from JavaScript: BigUint64Array as it is, Float64Array with every value checked.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <vector>

#include "binding/values.h"

namespace pw::binding {

// A safe integer, which is exact as an address; negative ones are sign-extended.
bool is_address(double value);
std::uint64_t bits_of(double value);
[[noreturn]] void raise_not_an_address(Napi::Env env, double value, std::size_t index);
// Raises for the first value that is no address.
void require_addresses(const Napi::Float64Array& view);

// What kind of array `value` is; raises if it is none that holds addresses.
enum class AddressArray : std::uint8_t { Words, Doubles };
AddressArray address_array_of(const Napi::Value& value);

// A copy.
std::vector<std::uint64_t> addresses_of(const Napi::Value& value);

// The elements of a typed array in place; none for undefined.
template <class View>
auto view_of(const Napi::Value& value, napi_typedarray_type type, const char* expected, const char* name) {
  using Element = std::remove_pointer_t<decltype(std::declval<View>().Data())>;
  if (value.IsUndefined()) return std::span<const Element>();
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type)
    raise_expected(expected, name, value);
  const View view = value.As<View>();
  return std::span<const Element>(view.Data(), view.ElementLength());
}

}  // namespace pw::binding
