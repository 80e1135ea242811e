// SPDX-License-Identifier: MIT
// What a tree of tables maps, as ranges: adjacent pages of one size and one set of rights are one.
//
// Every table is read once at each level: where an entry leads to a table that the way there came through,
// or to one that was read at this level already, the dump says so and goes on. So it ends on any memory, in
// time proportional to the tables.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "paging/control.h"
#include "paging/permission.h"
#include "phys/memory.h"

namespace pw::paging {

enum class RangeKind : std::uint8_t {
  Pages,      // mapped
  Table,      // of a tree: an entry that leads to a table, before what that table maps
  Reserved,   // entries with reserved bits set: an access faults
  Recursive,  // an entry that leads to a table on the way to itself
  Shared,     // an entry that leads to a table which is dumped elsewhere
};
std::string_view name_of(RangeKind kind);

struct Range {
  RangeKind kind = RangeKind::Pages;
  VirtAddr start;
  std::uint64_t bytes = 0;  // of virtual addresses
  Level level = kPt;        // of the entries
  Entry rights;             // of the path, with G and the protection key of leaves
  PhysAddr physical;        // of the first page, or the table
  bool is_contiguous = true;
  std::uint64_t entries = 0;
  std::uint64_t accessed = 0;  // entries with A set; pages with D set
  std::uint64_t dirty = 0;
  VirtAddr shared_with;  // Shared: where the table was dumped
};

struct DumpTotals {
  std::array<std::uint64_t, kMaxLevels + 1> tables{};  // by level
  std::array<std::uint64_t, kPageSizes> pages{};
  std::uint64_t user_bytes = 0;
  std::uint64_t writable_bytes = 0;
  std::uint64_t executable_bytes = 0;
  std::uint64_t writable_executable_bytes = 0;
  std::uint64_t accessed_pages = 0;
  std::uint64_t dirty_pages = 0;
  std::uint64_t reserved_entries = 0;
  std::uint64_t recursive_entries = 0;
  std::uint64_t shared_entries = 0;
  std::uint64_t other_entries = 0;  // not present, but not zero
};

struct TableDump {
  std::vector<Range> ranges;  // in the order of addresses, bits 63 to the sign bit left out
  DumpTotals totals;
};

struct DumpOptions {
  bool tree = false;      // a range for every table; none goes over a table's end
  bool physical = false;  // a range ends where physical addresses are not contiguous
};

TableDump dump_tables(const phys::PhysicalMemory& memory, PhysAddr root, const Control& control,
                      const DumpOptions& options);

}  // namespace pw::paging
