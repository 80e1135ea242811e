// SPDX-License-Identifier: MIT
// Reads whole trees of tables: for dumps and health checks.
#pragma once

#include <cstdint>

#include "paging/entry.h"
#include "paging/level.h"
#include "phys/memory.h"

namespace pw::paging {

// An entry that is not zero, and where it stands.
struct TableEntry {
  VirtAddr address;  // the first one that it translates
  Level level = kPt;
  PhysAddr table;
  Entry entry;

  bool is_table() const { return entry.is_present() && level > kPt && !entry.is_page(); }
};

// Calls visit(TableEntry) for every entry that is not zero, parents first, in the order of addresses.
// Trees that contain themselves end at the depth of the levels.
template <class Visit>
void for_each_entry(const phys::PhysicalMemory& memory, PhysAddr table, Level level, unsigned virtual_bits,
                    Visit&& visit, std::uint64_t first = 0) {
  for (unsigned i = 0; i < kEntriesPerTable; ++i) {
    const Entry entry(memory.read64(PhysAddr(table.value() + i * 8ull)));
    if (entry.bits() == 0) continue;
    const std::uint64_t address = first + (static_cast<std::uint64_t>(i) << shift_of(level));
    const TableEntry found{sign_extend(address, virtual_bits), level, table, entry};
    visit(found);
    if (found.is_table()) for_each_entry(memory, entry.table(), level - 1, virtual_bits, visit, address);
  }
}

}  // namespace pw::paging
