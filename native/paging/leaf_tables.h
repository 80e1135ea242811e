// SPDX-License-Identifier: MIT
// The page tables (level 1) that cover a range of addresses: what range operations of an operating system
// work through, a table at a time. Missing tables are skipped with all that would lie below them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "paging/entry.h"
#include "paging/level.h"
#include "phys/memory.h"

namespace pw::paging {

// The entries [from, to) of one page table.
struct LeafRun {
  PhysAddr table;
  std::uint64_t* slots;  // of the whole table
  unsigned from;
  unsigned to;
  VirtPage first;  // what slots[0] translates

  VirtPage page(unsigned index) const { return VirtPage(first.value() + index); }
  PhysAddr address(unsigned index) const { return PhysAddr(table.value() + index * 8ull); }
};

// Calls visit(LeafRun) for every page table below `table` that exists, in the order of addresses; visit may free
// the table that it is given and those above it that become empty. Pages [first, end) are numbered from the
// first one that `table` translates.
template <class Visit>
void for_each_leaf_table(phys::PhysicalMemory& memory, PhysAddr table, Level level, std::uint64_t first,
                         std::uint64_t end, Visit&& visit, std::uint64_t base = 0) {
  std::uint64_t* const slots = memory.word(table);
  if (slots == nullptr) return;
  if (level == kPt) {
    visit(LeafRun{table, slots, static_cast<unsigned>(first - base), static_cast<unsigned>(end - base),
                  VirtPage(base)});
    return;
  }
  const unsigned shift = shift_of(level) - kFrameShift;
  const std::uint64_t last = (end - 1 - base) >> shift;
  for (std::uint64_t i = (first - base) >> shift; i <= last; ++i) {
    const Entry entry(slots[i]);
    if (!entry.is_present() || entry.is_page()) continue;
    const std::uint64_t from = base + (i << shift);
    for_each_leaf_table(memory, entry.table(), level - 1, std::max(first, from),
                        std::min(end, from + (std::uint64_t{1} << shift)), visit, from);
  }
}

}  // namespace pw::paging
