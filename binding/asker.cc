// SPDX-License-Identifier: MIT
#include "binding/asker.h"

namespace pw::binding {

void Asker::attach(Napi::Object owner, Napi::Function ask) {
  owner.Set("ask", ask);
  ask_ = Napi::Weak(ask);
}

std::int32_t Asker::ask(From from, std::uint32_t question, const Detail& detail) {
  const Napi::Env env = ask_.Env();
  const Napi::HandleScope scope(env);
  unsigned& asks = from == From::Kernel ? kernel_asks_ : process_asks_;
  ++asks;
  std::int32_t answer = kFailed;
  try {
    const Napi::Value number = ask_.Call({Napi::Number::New(env, question), detail(env)});
    if (number.IsNumber()) answer = number.As<Napi::Number>().Int32Value();
  } catch (const Napi::Error&) {
    answer = kFailed;
  }
  --asks;
  return answer;
}

}  // namespace pw::binding
