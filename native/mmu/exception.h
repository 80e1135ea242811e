// SPDX-License-Identifier: MIT
// The exceptions that an access may raise: what a handler would find on its stack and in CR2.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"

namespace pw::mmu {

struct Exception {
  static constexpr std::uint8_t kGeneralProtection = 13;
  static constexpr std::uint8_t kPageFault = 14;

  std::uint8_t vector = kPageFault;
  std::uint32_t error_code = 0;
  std::optional<VirtAddr> cr2;  // of page faults

  // #GP(0): the address is not canonical.
  static constexpr Exception general_protection() { return {kGeneralProtection, 0, std::nullopt}; }
  static constexpr Exception page_fault(std::uint32_t error_code, VirtAddr address) {
    return {kPageFault, error_code, address};
  }
};

}  // namespace pw::mmu
