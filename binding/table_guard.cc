// SPDX-License-Identifier: MIT
// Whether page tables are still what their mapper made.
#include "binding/table_guard.h"

#include <algorithm>
#include <array>
#include <span>

namespace pw::binding {

using paging::Entry;
using paging::Level;

bool TableGuard::is_table(PhysAddr table) const {
  const FrameIndex frame = frame_of(table);
  return memory_.contains(table, kFrameBytes) && frame.value() < frames_.frames() &&
         frames_[frame].use() == phys::FrameUse::Table && !allocator_.is_free(frame);
}

bool TableGuard::is_path_intact(const paging::Mapper& mapper, VirtAddr address) const {
  PhysAddr table = mapper.root();
  std::array<PhysAddr, paging::kMaxLevels + 1> path;  // by level; a table that comes twice is no tree
  for (Level level = mapper.levels(); is_table(table); --level) {
    path[level] = table;
    const auto above = std::span(path).subspan(level + 1, mapper.levels() - level);
    if (std::ranges::find(above, table) != above.end()) return false;
    const Entry entry(memory_.read64(paging::entry_address(table, address, level)));
    if (level == paging::kPt || !entry.is_present()) return true;
    if (entry.is_page()) return paging::may_map_page(level);
    table = entry.table();
  }
  return false;
}

std::uint64_t TableGuard::count_tables(PhysAddr table, Level level, bool& intact) const {
  if (!is_table(table)) intact = false;
  if (!intact) return 0;
  std::uint64_t tables = 1;
  for (unsigned i = 0; level > paging::kPt && i < paging::kEntriesPerTable; ++i) {
    const Entry entry(memory_.read64(PhysAddr(table.value() + i * 8ull)));
    if (entry.is_present() && !entry.is_page()) tables += count_tables(entry.table(), level - 1, intact);
  }
  return tables;
}

// A table that is reached twice, or not at all, makes the count differ.
bool TableGuard::is_tree_intact(const paging::Mapper& mapper) const {
  bool intact = true;
  const std::uint64_t tables = count_tables(mapper.root(), mapper.levels(), intact);
  return intact && tables == mapper.table_count();
}

}  // namespace pw::binding
