// SPDX-License-Identifier: MIT
// The native side of lib/frame-allocator.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/wrap.h"
#include "phys/bitmap_allocator.h"

namespace pw::binding {

class FrameAllocatorWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);
  static FrameAllocatorWrap& from(const Napi::Value& value);

  // ([[start, bytes, kind], …]): the memory map
  explicit FrameAllocatorWrap(const Napi::CallbackInfo& info);

  const std::shared_ptr<phys::BitmapAllocator>& allocator() const { return allocator_; }

 private:
  Napi::Value allocate(const Napi::CallbackInfo& info);
  Napi::Value allocate_run(const Napi::CallbackInfo& info);
  Napi::Value allocate_at(const Napi::CallbackInfo& info);
  Napi::Value free(const Napi::CallbackInfo& info);
  Napi::Value free_run(const Napi::CallbackInfo& info);
  Napi::Value is_free(const Napi::CallbackInfo& info);
  Napi::Value free_count(const Napi::CallbackInfo& info);
  Napi::Value frames(const Napi::CallbackInfo& info);
  Napi::Value validate(const Napi::CallbackInfo& info);

  std::shared_ptr<phys::BitmapAllocator> allocator_;
};

}  // namespace pw::binding
