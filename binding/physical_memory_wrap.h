// SPDX-License-Identifier: MIT
// The native side of lib/physical-memory.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/wrap.h"
#include "phys/memory.h"

namespace pw::binding {

class PhysicalMemoryWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);
  static PhysicalMemoryWrap& from(const Napi::Value& value);

  // (bytes)
  explicit PhysicalMemoryWrap(const Napi::CallbackInfo& info);

  const std::shared_ptr<phys::PhysicalMemory>& memory() const { return memory_; }

 private:
  Napi::Value size(const Napi::CallbackInfo& info);
  Napi::Value committed_bytes(const Napi::CallbackInfo& info);
  Napi::Value read64(const Napi::CallbackInfo& info);
  Napi::Value write64(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value zero_frame(const Napi::CallbackInfo& info);
  Napi::Value copy_frame(const Napi::CallbackInfo& info);
  Napi::Value clear(const Napi::CallbackInfo& info);

  // Arguments; raise where memory does not reach.
  PhysAddr range_of(const Napi::Value& address, std::uint64_t bytes) const;
  PhysAddr word_of(const Napi::Value& address) const;
  FrameIndex frame_of(const Napi::Value& frame, const char* name) const;

  std::shared_ptr<phys::PhysicalMemory> memory_;
};

}  // namespace pw::binding
