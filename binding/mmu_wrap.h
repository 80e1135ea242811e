// SPDX-License-Identifier: MIT
// The native side of lib/mmu.ts: one MMU, whatever the way choice of its TLBs.
#pragma once

#include <napi.h>

#include <memory>

#include "mmu/mixed_mmu.h"
#include "phys/memory.h"

namespace pw::binding {

// An MMU behind an interface. The address given to access() is canonical.
class AnyMmu {
 public:
  struct Answer {
    std::optional<tlb::Translation> translation;
    std::uint32_t error_code = 0;  // without a translation
  };
  struct TlbCounters {
    std::string name;
    unsigned level;
    std::uint64_t hits, misses;
  };

  virtual ~AnyMmu() = default;
  virtual void set_root(PhysAddr root) = 0;
  // In user mode.
  virtual Answer access(VirtAddr address, AccessKind kind) = 0;
  virtual void invalidate(VirtAddr address, bool tables) = 0;
  virtual void invalidate_all() = 0;
  virtual unsigned virtual_bits() const = 0;
  virtual std::vector<TlbCounters> tlbs() const = 0;
  virtual mmu::WalkCounters walks() const = 0;
};

class MmuWrap : public Napi::ObjectWrap<MmuWrap> {
 public:
  static Napi::Function define(Napi::Env env);

  // (memory, { root, tlb, structureCaches, levels, seed })
  explicit MmuWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value set_root(const Napi::CallbackInfo& info);
  Napi::Value access(const Napi::CallbackInfo& info);
  Napi::Value invalidate(const Napi::CallbackInfo& info);
  Napi::Value invalidate_all(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);

  PhysAddr root_of(const Napi::Value& value) const;

  std::shared_ptr<phys::PhysicalMemory> memory_;
  std::unique_ptr<AnyMmu> mmu_;
};

}  // namespace pw::binding
