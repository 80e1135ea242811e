// SPDX-License-Identifier: MIT
// What an instruction makes the TLBs and paging-structure caches forget, apart from single pages
// (Intel SDM vol. 3A, section 4.10.4.1).
#pragma once

#include <cstdint>

#include "tlb/entry.h"

namespace pw::mmu {

struct Flush {
  enum class Spaces : std::uint8_t { None, One, Every };
  enum class Globals : std::uint8_t { Kept, Dropped };

  Spaces spaces = Spaces::None;
  Asid asid{};  // of One
  Globals globals = Globals::Kept;

  static constexpr Flush nothing() { return {}; }
  static constexpr Flush one(Asid asid, Globals globals) { return {Spaces::One, asid, globals}; }
  static constexpr Flush every(Globals globals) { return {Spaces::Every, Asid{}, globals}; }

  // Whether a translation of this address space goes. Structure-cache entries are never global.
  constexpr bool drops(Asid other) const {
    if (other == tlb::kGlobalAsid) return globals == Globals::Dropped;
    return spaces == Spaces::Every || (spaces == Spaces::One && other == asid);
  }
};

}  // namespace pw::mmu
