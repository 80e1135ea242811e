// SPDX-License-Identifier: MIT
// What an effective leaf must say so that a user-mode access may use it without another look at memory:
// U/S, and R/W and D for a store, no NX for a fetch. Protection keys are not part of it: where they are
// on, paging::refusal() has the last word.
#pragma once

#include <cstdint>

#include "base/access.h"
#include "paging/entry.h"
#include "paging/permission.h"

namespace pw::mmu {

class Grant {
 public:
  constexpr Grant() = default;
  static constexpr Grant user(paging::Operation operation) { return Grant(paging::user_grant(operation)); }

  // Bits of an entry, NX inverted, that must be set.
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool allows(paging::Entry page) const {
    return ((page.bits() ^ paging::flag::kNoExecute) & bits_) == bits_;
  }

 private:
  explicit constexpr Grant(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_ = ~0ull;  // nothing is granted
};

}  // namespace pw::mmu
