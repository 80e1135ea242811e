// SPDX-License-Identifier: MIT
// Native errors to JavaScript errors, once: TypeError, RangeError or PagewalkError with a `code`.
#pragma once

#include <napi.h>

#include <new>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "base/result.h"

namespace pw::binding {

// The JavaScript class of an error.
std::string_view class_name(ErrorClass type);
Napi::Error to_js(Napi::Env env, const Error& error);
[[noreturn]] void raise(Napi::Env env, const Error& error);
[[noreturn]] void raise(Napi::Env env, ErrorCode code, std::string message);

// The value of a result, or a JavaScript exception.
template <class T>
T value_or_raise(Napi::Env env, Result<T> result) {
  if (!result.ok()) raise(env, result.error());
  return std::move(result).value();
}

// The errors of our own mistakes and of an exhausted host.
Error internal_error(const char* what);
Error host_memory_error();

// Runs `call`; what native code throws becomes a JavaScript exception. No other C++ exception may
// cross into Node.
template <class Call>
auto guarded(Napi::Env env, Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const InternalError& error) {
    raise(env, internal_error(error.what()));
  } catch (const std::bad_alloc&) {
    raise(env, host_memory_error());
  }
}

}  // namespace pw::binding
