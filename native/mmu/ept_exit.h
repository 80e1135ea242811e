// SPDX-License-Identifier: MIT
// Why an access left the guest: EPT violations and misconfigurations, as the host finds them in the VMCS.
#pragma once

#include <cstdint>
#include <string>

#include "base/hex.h"
#include "base/result.h"
#include "mmu/control_registers.h"
#include "paging/ept.h"

namespace pw::mmu {

struct EptExit {
  // What was being translated: the address of a guest's table entry, or where the access goes.
  enum class During : std::uint8_t { Walk, Access };

  bool misconfiguration = false;
  During during = During::Access;
  paging::ept::Rights access = 0;  // what was needed
  PhysAddr guest_physical;
  VirtAddr guest_linear;
  paging::ept::Walk walk;  // of the host's tables

  // The exit qualification of an EPT violation.
  std::uint32_t qualification() const {
    constexpr std::uint32_t kLinearValid = 1u << 7, kFinal = 1u << 8;
    return access | static_cast<std::uint32_t>(walk.rights) << 3 | kLinearValid |
           (during == During::Access ? kFinal : 0);
  }
};

// What an EPT pointer says, on a processor. Errors: OutOfRange, where a VM entry would fail.
inline Result<paging::ept::Control> ept_control_of(std::uint64_t eptp, const Processor& processor,
                                                   bool execute_only) {
  constexpr std::uint64_t kUncacheable = 0, kWriteBack = 6;
  const std::uint64_t memory_type = eptp & 7, levels = (eptp >> 3 & 7) + 1, reserved = eptp & 0xf80;
  if ((memory_type != kUncacheable && memory_type != kWriteBack) || (levels != 4 && levels != 5) ||
      reserved != 0 || eptp >> processor.max_phys_bits != 0)
    return Error{ErrorCode::OutOfRange,
                 "eptp: expected memory type 0 or 6 in bits 2 to 0, 3 or 4 (levels less one) in bits 5 to 3, "
                 "bits 11 to 7 and those above the physical address to be clear, got " +
                     hex(eptp)};
  return paging::ept::Control{.root = PhysAddr(eptp & paging::kAddressBits),
                              .levels = static_cast<unsigned>(levels),
                              .accessed_dirty = (eptp >> 6 & 1) != 0,
                              .max_phys_bits = processor.max_phys_bits,
                              .pages_1gib = processor.pages_1gib,
                              .execute_only = execute_only};
}

}  // namespace pw::mmu
