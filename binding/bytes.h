// SPDX-License-Identifier: MIT
// Bytes in and out of Uint8Arrays, copied both ways.
#pragma once

#include <napi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "binding/addresses.h"

namespace pw::binding {

// The first `count` of them.
inline Napi::Value bytes_to_js(Napi::Env env, const std::vector<std::byte>& bytes, std::size_t count) {
  auto array = Napi::Uint8Array::New(env, count);
  std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), array.Data(),
                 [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
  return array;
}

// A copy, and nothing for undefined: a handler that is asked meanwhile could take the array's memory away.
inline std::vector<std::byte> bytes_of(const Napi::Value& value, const char* name) {
  const auto view = view_of<Napi::Uint8Array>(value, napi_uint8_array, "a Uint8Array", name);
  std::vector<std::byte> bytes(view.size());
  std::transform(view.begin(), view.end(), bytes.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
  return bytes;
}

}  // namespace pw::binding
