// SPDX-License-Identifier: MIT
// The native side of lib/mmu.ts: one MMU, whatever the way choice of its TLBs.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "binding/mmu_values.h"
#include "binding/wrap.h"
#include "mmu/architectural_mmu.h"
#include "phys/memory.h"
#include "tlb/any_ways.h"

namespace pw::binding {

using ScriptMmu = mmu::ArchitecturalMmu<tlb::AnyWays>;

class MmuWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);
  static MmuWrap& from(const Napi::Value& value);

  // (memory, { maxPhysAddr, pages1GiB, tlb, structureCaches, seed })
  explicit MmuWrap(const Napi::CallbackInfo& info);
  void on_collected(Napi::BasicEnv env) override;

  const std::shared_ptr<ScriptMmu>& mmu() const { return mmu_; }
  const std::shared_ptr<phys::PhysicalMemory>& memory() const { return memory_; }

 private:
  Napi::Value control(const Napi::CallbackInfo& info);
  Napi::Value set_control(const Napi::CallbackInfo& info);
  Napi::Value keys(const Napi::CallbackInfo& info);
  Napi::Value set_keys(const Napi::CallbackInfo& info);
  Napi::Value cr3(const Napi::CallbackInfo& info);
  Napi::Value write_cr3(const Napi::CallbackInfo& info);
  Napi::Value access(const Napi::CallbackInfo& info);
  Napi::Value invlpg(const Napi::CallbackInfo& info);
  Napi::Value invpcid(const Napi::CallbackInfo& info);
  Napi::Value walk(const Napi::CallbackInfo& info);
  Napi::Value tables(const Napi::CallbackInfo& info);
  Napi::Value save_state(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);

  std::shared_ptr<phys::PhysicalMemory> memory_;
  mmu::Processor processor_;
  std::shared_ptr<ScriptMmu> mmu_;
  std::int64_t external_bytes_ = 0;  // what the garbage collector was told of
};

}  // namespace pw::binding
