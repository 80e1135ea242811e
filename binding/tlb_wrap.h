// SPDX-License-Identifier: MIT
// The native side of lib/tlb.ts: one set-associative TLB, whatever its way choice.
#pragma once

#include <napi.h>

#include <memory>

#include "tlb/mixed.h"

namespace pw::binding {

// A TLB behind an interface.
class AnyTlb {
 public:
  virtual ~AnyTlb() = default;
  virtual bool serves(PageSize size) = 0;
  virtual std::optional<tlb::Translation> lookup(VirtAddr address, Asid asid) = 0;
  virtual void insert(VirtAddr address, tlb::Translation translation, Asid asid) = 0;
  virtual void invalidate(VirtAddr address, Asid asid) = 0;
  virtual void clear() = 0;
  virtual std::uint64_t lookups() const = 0;
  virtual std::uint64_t misses() const = 0;
};

class TlbWrap : public Napi::ObjectWrap<TlbWrap> {
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

  std::unique_ptr<AnyTlb> tlb_;
};

}  // namespace pw::binding
