// SPDX-License-Identifier: MIT
// The native side of lib/mapper.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/table_guard.h"
#include "binding/wrap.h"

namespace pw::binding {

// What a change through a mapper left to be forgotten, as JavaScript was given it.
paging::PendingInvalidation invalidation_of(const Napi::Value& value);

class MapperWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);

  // (memory, allocator, levels)
  explicit MapperWrap(const Napi::CallbackInfo& info);
  // Gives the tables back, unless a script has made that impossible.
  ~MapperWrap() override;

 private:
  Napi::Value root(const Napi::CallbackInfo& info);
  Napi::Value table_count(const Napi::CallbackInfo& info);
  Napi::Value map(const Napi::CallbackInfo& info);
  Napi::Value unmap(const Napi::CallbackInfo& info);
  Napi::Value protect(const Napi::CallbackInfo& info);
  Napi::Value find(const Napi::CallbackInfo& info);

  // The address argument, with intact tables on the way to it.
  VirtAddr reachable(const Napi::Value& address) const;

  std::shared_ptr<phys::PhysicalMemory> memory_;
  std::shared_ptr<phys::BitmapAllocator> allocator_;
  std::unique_ptr<phys::FrameTable> frames_;
  std::unique_ptr<TableGuard> guard_;
  std::unique_ptr<paging::Mapper> mapper_;
};

}  // namespace pw::binding
