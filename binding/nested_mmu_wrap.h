// SPDX-License-Identifier: MIT
// The native side of lib/nested-mmu.ts: one MMU of a processor with virtual machines.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "binding/mmu_values.h"
#include "mmu/nested_mmu.h"
#include "phys/memory.h"

namespace pw::binding {

// A nested MMU behind an interface.
class AnyNestedMmu {
 public:
  virtual ~AnyNestedMmu() = default;
  virtual const mmu::ControlRegisters& registers() const = 0;
  virtual void enter(const mmu::VirtualMachine& machine) = 0;
  virtual Status set_control(const mmu::ControlBits& bits) = 0;
  virtual void set_keys(std::uint32_t pkru, std::uint32_t pkrs) = 0;
  virtual Status write_cr3(std::uint64_t value) = 0;
  virtual mmu::NestedOutcome access(const mmu::Access& access) = 0;
  virtual void invlpg(VirtAddr address) = 0;
  virtual Status invpcid(mmu::InvpcidType type, std::uint64_t pcid, VirtAddr address) = 0;
  virtual void invept(std::optional<PhysAddr> root) = 0;
  virtual void invvpid(mmu::InvvpidType type, std::uint16_t vpid, VirtAddr address) = 0;
  virtual std::vector<TlbCounters> tlbs() const = 0;
  virtual mmu::NestedCounters counters() const = 0;
};

class NestedMmuWrap : public Napi::ObjectWrap<NestedMmuWrap> {
 public:
  static Napi::Function define(Napi::Env env);

  // (memory, { maxPhysAddr, pages1GiB, executeOnly, tlb, structureCaches, nestedTlb, seed }, eptp, vmid)
  explicit NestedMmuWrap(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

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
  std::unique_ptr<AnyNestedMmu> mmu_;
  std::int64_t external_bytes_ = 0;  // what the garbage collector was told of
};

}  // namespace pw::binding
