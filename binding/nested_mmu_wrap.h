// SPDX-License-Identifier: MIT
// The native side of lib/nested-mmu.ts: one MMU of a processor with virtual machines.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/mmu_values.h"
#include "binding/wrap.h"
#include "mmu/nested_mmu.h"
#include "phys/memory.h"
#include "tlb/any_ways.h"

namespace pw::binding {

class NestedMmuWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);

  // (memory, { maxPhysAddr, pages1GiB, executeOnly, tlb, structureCaches, nestedTlb, seed }, eptp, vmid)
  explicit NestedMmuWrap(const Napi::CallbackInfo& info);
  void on_collected(Napi::BasicEnv env) override;

 private:
  Napi::Value enter(const Napi::CallbackInfo& info);
  Napi::Value control(const Napi::CallbackInfo& info);
  Napi::Value set_control(const Napi::CallbackInfo& info);
  Napi::Value keys(const Napi::CallbackInfo& info);
  Napi::Value set_keys(const Napi::CallbackInfo& info);
  Napi::Value cr3(const Napi::CallbackInfo& info);
  Napi::Value write_cr3(const Napi::CallbackInfo& info);
  Napi::Value access(const Napi::CallbackInfo& info);
  Napi::Value invlpg(const Napi::CallbackInfo& info);
  Napi::Value invpcid(const Napi::CallbackInfo& info);
  Napi::Value invept(const Napi::CallbackInfo& info);
  Napi::Value invvpid(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);

  // The arguments (eptp, vmid) from `first` on.
  mmu::VirtualMachine machine_of(const Napi::CallbackInfo& info, std::size_t first) const;

  std::shared_ptr<phys::PhysicalMemory> memory_;
  mmu::Processor processor_;
  bool execute_only_ = true;
  std::unique_ptr<mmu::NestedMmu<tlb::AnyWays>> mmu_;
  std::int64_t external_bytes_ = 0;  // what the garbage collector was told of
};

}  // namespace pw::binding
