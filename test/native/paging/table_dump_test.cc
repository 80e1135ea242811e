// SPDX-License-Identifier: MIT
#include "paging/table_dump.h"

#include "../paging/tables.h"

namespace pw::test {
namespace {

using namespace paging;

constexpr LeafFlags kReadOnly{flag::kUser};
constexpr std::uint64_t kPresentTable = flag::kPresent | flag::kWritable | flag::kUser;

TableDump dump_of(const Tables& tables, const DumpOptions& options = {}) {
  return dump_tables(tables.memory, tables.mapper.root(), tables.control, options);
}

void map_run(Tables& tables, std::uint64_t address, std::uint64_t physical, unsigned pages,
             LeafFlags flags = {}) {
  for (unsigned i = 0; i < pages; ++i)
    tables.map(VirtAddr(address + i * kFrameBytes), PhysAddr(physical + i * kFrameBytes), PageSize::Size4KiB,
               flags);
}

PW_TEST(adjacent_pages_are_one_range_over_the_ends_of_tables) {
  Tables tables;
  map_run(tables, 0x7fe000, 0x10000000, 4);
  const TableDump dump = dump_of(tables);
  REQUIRE(dump.ranges.size() == 1);
  const Range& range = dump.ranges[0];
  EXPECT_EQ(range.start, VirtAddr(0x7fe000));
  EXPECT_EQ(range.bytes, 4 * kFrameBytes);
  EXPECT_EQ(range.entries, 4);
  EXPECT(range.is_contiguous);
  EXPECT_EQ(range.physical, PhysAddr(0x10000000));
  EXPECT_EQ(dump.totals.tables[kPt], 2);
  EXPECT_EQ(dump.totals.pages[0], 4);
}

PW_TEST(rights_sizes_and_gaps_end_a_range) {
  Tables tables;
  map_run(tables, 0x1fe000, 0x10000000, 1);
  map_run(tables, 0x1ff000, 0x10001000, 1, kReadOnly);
  tables.map(VirtAddr(0x200000), PhysAddr(0x10200000), PageSize::Size2MiB, kReadOnly);
  map_run(tables, 0x401000, 0x10401000, 1, kReadOnly);
  EXPECT_EQ(dump_of(tables).ranges.size(), 4);
}

PW_TEST(scattered_frames_are_one_range_unless_physical_addresses_are_asked_for) {
  Tables tables;
  map_run(tables, 0x1000, 0x10000000, 2);
  map_run(tables, 0x3000, 0x20000000, 2);
  const TableDump merged = dump_of(tables);
  REQUIRE(merged.ranges.size() == 1);
  EXPECT(!merged.ranges[0].is_contiguous);
  const TableDump split = dump_of(tables, {.physical = true});
  REQUIRE(split.ranges.size() == 2);
  EXPECT(split.ranges[0].is_contiguous && split.ranges[1].is_contiguous);
  EXPECT_EQ(split.ranges[1].physical, PhysAddr(0x20000000));
}

PW_TEST(rights_are_those_of_the_whole_path_and_counts_are_of_bits) {
  Tables tables;
  map_run(tables, 0x1000, 0x10000000, 3);
  tables.entry(VirtAddr(0x1000), kPd) &= ~flag::kWritable;
  tables.entry(VirtAddr(0x1000), kPdpt) |= flag::kNoExecute;
  tables.entry(VirtAddr(0x1000), kPt) |= flag::kAccessed | flag::kDirty;
  tables.entry(VirtAddr(0x3000), kPt) |= flag::kAccessed;
  const TableDump dump = dump_of(tables);
  REQUIRE(dump.ranges.size() == 1);
  EXPECT(!dump.ranges[0].rights.is_writable() && dump.ranges[0].rights.is_no_execute());
  EXPECT_EQ(dump.ranges[0].accessed, 2);
  EXPECT_EQ(dump.ranges[0].dirty, 1);
  EXPECT_EQ(dump.totals.user_bytes, 3 * kFrameBytes);
  EXPECT_EQ(dump.totals.writable_bytes, 0);
  EXPECT_EQ(dump.totals.executable_bytes, 0);
}

PW_TEST(upper_halves_are_canonical_for_4_and_5_levels) {
  for (const unsigned levels : {4u, 5u}) {
    Tables tables(levels);
    const VirtAddr top = sign_extend(~0ull << kFrameShift, virtual_bits(levels));
    tables.map(top, PhysAddr(0x10000000));
    tables.map(VirtAddr(0), PhysAddr(0x10001000));
    const TableDump dump = dump_of(tables);
    REQUIRE(dump.ranges.size() == 2);
    EXPECT_EQ(dump.ranges[1].start, top);
    EXPECT_EQ(dump.totals.tables[levels], 1);
  }
}

PW_TEST(a_tree_names_every_table_before_what_it_maps) {
  Tables tables;
  map_run(tables, 0x7fe000, 0x10000000, 4);
  std::vector<Level> levels;
  for (const Range& range : dump_of(tables, {.tree = true}).ranges)
    levels.push_back(range.kind == RangeKind::Table ? range.level : 0);
  EXPECT(levels == std::vector<Level>({4, 3, 2, 0, 2, 0}));
}

PW_TEST(entries_that_fault_are_told_apart) {
  Tables tables;
  map_run(tables, 0x1000, 0x10000000, 4);
  tables.control.max_phys_bits = 40;
  tables.entry(VirtAddr(0x2000), kPt) |= 1ull << 45;
  tables.entry(VirtAddr(0x3000), kPt) |= 1ull << 45;
  tables.entry(VirtAddr(0x4000), kPt) &= ~flag::kPresent;
  const TableDump dump = dump_of(tables);
  REQUIRE(dump.ranges.size() == 2);
  EXPECT(dump.ranges[1].kind == RangeKind::Reserved);
  EXPECT_EQ(dump.ranges[1].entries, 2);
  EXPECT_EQ(dump.totals.reserved_entries, 2);
  EXPECT_EQ(dump.totals.other_entries, 1);
}

PW_TEST(a_table_that_maps_itself_everywhere_ends) {
  phys::PhysicalMemory memory(1 << 20);
  for (unsigned i = 0; i < kEntriesPerTable; ++i)
    memory.write64(PhysAddr(0x1000 + i * 8), 0x1000 | kPresentTable);
  const TableDump dump = dump_tables(memory, PhysAddr(0x1000), {}, {});
  EXPECT_EQ(dump.ranges.size(), kEntriesPerTable);
  EXPECT(dump.ranges[7].kind == RangeKind::Recursive);
  EXPECT_EQ(dump.totals.recursive_entries, kEntriesPerTable);
}

// 512 entries a level lead to one table below: 512^4 paths, four tables.
PW_TEST(tables_that_are_shared_are_dumped_once) {
  phys::PhysicalMemory memory(1 << 20);
  for (std::uint64_t table = 1; table <= 4; ++table)
    for (unsigned i = 0; i < kEntriesPerTable; ++i)
      memory.write64(PhysAddr(table * kFrameBytes + i * 8), (table + 1) * kFrameBytes | kPresentTable);
  const TableDump dump = dump_tables(memory, PhysAddr(0x1000), {}, {});
  EXPECT_EQ(dump.totals.pages[0], kEntriesPerTable);
  EXPECT_EQ(dump.totals.shared_entries, 3 * (kEntriesPerTable - 1));
  const Range& last = dump.ranges.back();
  EXPECT(last.kind == RangeKind::Shared);
  EXPECT_EQ(last.shared_with, VirtAddr(0));
  EXPECT_EQ(last.physical, PhysAddr(0x2000));
}

PW_TEST(tables_beyond_the_memory_hold_nothing) {
  phys::PhysicalMemory memory(1 << 20);
  memory.write64(PhysAddr(0x1000), 1ull << 40 | kPresentTable);
  EXPECT(dump_tables(memory, PhysAddr(0x1000), {}, {}).ranges.empty());
}

}  // namespace
}  // namespace pw::test
