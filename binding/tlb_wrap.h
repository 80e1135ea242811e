// SPDX-License-Identifier: MIT
// The native side of lib/tlb.ts: one set-associative TLB, whatever its way choice.
#pragma once

#include <napi.h>

#include <optional>

#include "binding/wrap.h"
#include "tlb/any_ways.h"
#include "tlb/mixed.h"

namespace pw::binding {

class TlbWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);

  // ({ wayChoice, tlbs: [one] }, seed)
  explicit TlbWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value lookup(const Napi::CallbackInfo& info);
  Napi::Value insert(const Napi::CallbackInfo& info);
  Napi::Value invalidate(const Napi::CallbackInfo& info);
  Napi::Value clear(const Napi::CallbackInfo& info);
  Napi::Value lookups(const Napi::CallbackInfo& info);
  Napi::Value misses(const Napi::CallbackInfo& info);

  std::optional<tlb::Tlb<tlb::AnyWays>> tlb_;
  tlb::Time now_ = 0;
};

}  // namespace pw::binding
