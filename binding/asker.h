// SPDX-License-Identifier: MIT
// Asks JavaScript from within native code, with a detail: a function of lib/ that answers with a small integer and
// lets no exception escape. REQUIRES of all: on the JavaScript thread.
#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>

namespace pw::binding {

class Asker {
 public:
  // Who waits for an answer: the simulated kernel, which may not be called meanwhile, or a process in its own signal
  // handler, which may make calls.
  enum class From : std::uint8_t { Kernel, Process };
  static constexpr std::int32_t kFailed = -1;
  using Detail = std::function<Napi::Value(Napi::Env env)>;

  // The function lives as long as the object, which keeps it; this does not, so that both can be collected.
  void attach(Napi::Object owner, Napi::Function ask);

  // ask(question, detail). kFailed: no answer, or an environment that is being terminated.
  std::int32_t ask(From from, std::uint32_t question, const Detail& detail);

  // Calls the function with a question to which it throws what it failed with before, if it did; that goes on to who
  // called the addon.
  void throw_failure(std::uint32_t question) const { ask_.Call({Napi::Number::New(ask_.Env(), question)}); }

  bool kernel_waits() const { return kernel_asks_ != 0; }
  bool waits() const { return kernel_asks_ + process_asks_ != 0; }

 private:
  Napi::FunctionReference ask_;
  unsigned kernel_asks_ = 0;
  unsigned process_asks_ = 0;
};

}  // namespace pw::binding
