// SPDX-License-Identifier: MIT
// Addresses in bulk from JavaScript.
#include "binding/addresses.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace pw::binding {

constexpr double kMaxSafeInteger = 9007199254740991.0;

bool is_address(double value) { return std::abs(value) <= kMaxSafeInteger && std::trunc(value) == value; }

std::uint64_t bits_of(double value) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)); }

void raise_not_an_address(Napi::Env env, double value, std::size_t index) {
  raise(env, ErrorCode::OutOfRange,
        "addresses[" + std::to_string(index) + "]: expected a safe integer, got " +
            describe(Napi::Number::New(env, value)) + "; give larger addresses in a BigUint64Array");
}

void require_addresses(const Napi::Float64Array& view) {
  const double* end = view.Data() + view.ElementLength();
  const double* wrong = std::find_if_not(view.Data(), end, is_address);
  if (wrong != end) raise_not_an_address(view.Env(), *wrong, static_cast<std::size_t>(wrong - view.Data()));
}

AddressArray address_array_of(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    const napi_typedarray_type type = value.As<Napi::TypedArray>().TypedArrayType();
    if (type == napi_biguint64_array) return AddressArray::Words;
    if (type == napi_float64_array) return AddressArray::Doubles;
  }
  raise_expected("a BigUint64Array or a Float64Array", "addresses", value);
}

std::vector<std::uint64_t> addresses_of(const Napi::Value& value) {
  if (address_array_of(value) == AddressArray::Words) {
    const auto view = value.As<Napi::BigUint64Array>();
    return {view.Data(), view.Data() + view.ElementLength()};
  }
  const auto view = value.As<Napi::Float64Array>();
  require_addresses(view);
  std::vector<std::uint64_t> addresses(view.ElementLength());
  std::transform(view.Data(), view.Data() + view.ElementLength(), addresses.begin(), bits_of);
  return addresses;
}

}  // namespace pw::binding
