// SPDX-License-Identifier: MIT
// The native side of lib/mmu-group.ts: shootdowns among cores whose address spaces have mappers.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "binding/mmu_wrap.h"
#include "binding/wrap.h"
#include "mmu/shootdown.h"

namespace pw::binding {

class ShootdownsWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);

  // (cores, { lazy, batch })
  explicit ShootdownsWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value add_space(const Napi::CallbackInfo& info);
  Napi::Value switch_to(const Napi::CallbackInfo& info);
  Napi::Value note_cr3(const Napi::CallbackInfo& info);
  Napi::Value check_core(const Napi::CallbackInfo& info);
  Napi::Value post(const Napi::CallbackInfo& info);
  Napi::Value flush(const Napi::CallbackInfo& info);
  Napi::Value holders(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);

  std::size_t core_of(const Napi::Value& value) const;
  std::size_t space_of(const Napi::Value& value) const;

  std::vector<std::shared_ptr<ScriptMmu>> mmus_;
  std::vector<std::shared_ptr<phys::PhysicalMemory>> memories_;  // the cores'
  std::unique_ptr<mmu::Shootdowns<ScriptMmu>> shootdowns_;
};

}  // namespace pw::binding
