// SPDX-License-Identifier: MIT
// Where accesses of one kind go in the usual case: a filtered first level and one further level, both true LRU.
#pragma once

#include <cstdint>

#include "mmu/grant.h"
#include "mmu/hit_filter.h"
#include "tlb/fixed_array.h"

namespace pw::machine {

struct Route {
  static constexpr std::size_t kOperations = 2;  // that the first level serves, at most

  tlb::Columns first_columns;  // no ways: the case is not usual
  tlb::Columns second_columns;
  mmu::FilteredArray<tlb::LruWays>* filtered = nullptr;
  mmu::Grant grant;
  // Not yet with the counters of TLBs and walks.
  std::uint64_t misses = 0;   // of the first level, all of them look-ups of the second
  std::uint64_t settled = 0;  // Mmu::find_settled, all of them misses of the second

  template <std::uint32_t kWays>
  tlb::FixedArray<kWays, tlb::Uses::Noted> first() const {
    return tlb::FixedArray<kWays, tlb::Uses::Noted>(first_columns);
  }
  template <std::uint32_t kWays>
  tlb::FixedArray<kWays, tlb::Uses::LookedUp> second() const {
    return tlb::FixedArray<kWays, tlb::Uses::LookedUp>(second_columns);
  }
};

static_assert(sizeof(Route) == 128, "a power of two, for those who look one up by kind");

}  // namespace pw::machine
