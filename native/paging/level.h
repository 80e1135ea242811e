// SPDX-License-Identifier: MIT
// Levels of the tables, counted from the leaf: 1 PT, 2 PD, 3 PDPT, 4 PML4, 5 PML5.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/address.h"

namespace pw::paging {

using Level = unsigned;

inline constexpr Level kPt = 1;
inline constexpr Level kPd = 2;
inline constexpr Level kPdpt = 3;
inline constexpr Level kPml4 = 4;
inline constexpr Level kPml5 = 5;
inline constexpr unsigned kMaxLevels = 5;
inline constexpr unsigned kEntriesPerTable = 512;

constexpr unsigned shift_of(Level level) { return 12 + 9 * (level - 1); }
constexpr unsigned virtual_bits(unsigned levels) { return 12 + 9 * levels; }
static_assert(virtual_bits(4) == 48 && virtual_bits(5) == 57);

constexpr unsigned index_of(VirtAddr address, Level level) {
  return static_cast<unsigned>(address.value() >> shift_of(level)) & (kEntriesPerTable - 1);
}
constexpr PhysAddr entry_address(PhysAddr table, VirtAddr address, Level level) {
  return PhysAddr(table.value() + index_of(address, level) * 8ull);
}
constexpr bool may_map_page(Level level) { return level <= kPdpt; }
// REQUIRES: may_map_page(level)
constexpr PageSize page_size_of(Level level) { return static_cast<PageSize>(level - 1); }
constexpr Level leaf_level(PageSize size) { return static_cast<Level>(size) + 1; }

constexpr std::string_view entry_name(Level level) {
  constexpr std::string_view kNames[] = {"PTE", "PDE", "PDPTE", "PML4E", "PML5E"};
  return kNames[level - 1];
}

constexpr std::string_view table_name(Level level) {
  constexpr std::string_view kNames[] = {"PT", "PD", "PDPT", "PML4", "PML5"};
  return kNames[level - 1];
}

}  // namespace pw::paging
