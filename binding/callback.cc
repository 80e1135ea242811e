// SPDX-License-Identifier: MIT
#include "binding/callback.h"

namespace pw::binding {

std::int32_t ask_for_number(const Napi::FunctionReference& function, std::int32_t failed) {
  const napi_env env = function.Env();
  napi_handle_scope scope = nullptr;
  napi_value callee = nullptr, receiver = nullptr, answer = nullptr;
  std::int32_t number = failed;
  napi_open_handle_scope(env, &scope);
  const bool answered = napi_get_reference_value(env, function, &callee) == napi_ok &&
                        napi_get_undefined(env, &receiver) == napi_ok &&
                        napi_call_function(env, receiver, callee, 0, nullptr, &answer) == napi_ok &&
                        napi_get_value_int32(env, answer, &number) == napi_ok;
  napi_close_handle_scope(env, scope);
  return answered ? number : failed;
}

}  // namespace pw::binding
