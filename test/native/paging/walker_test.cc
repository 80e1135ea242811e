// SPDX-License-Identifier: MIT
#include "../paging/tables.h"

namespace pw::test {
namespace {

using namespace paging;

constexpr PageSize kSizes[] = {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB};

VirtAddr start_of(PageSize size) { return VirtAddr(kPage.value() & ~(bytes_of(size) - 1)); }

PW_TEST(walk_reads_one_entry_a_level_and_finds_the_page_of_every_size) {
  for (const unsigned levels : {4u, 5u})
    for (const PageSize size : kSizes) {
      Tables tables(levels);
      tables.map(start_of(size), PhysAddr(1ull << 30), size);
      const WalkResult walk = tables.walk(kPage);
      REQUIRE(walk.end == WalkEnd::Translated);
      EXPECT_EQ(walk.references, levels - static_cast<unsigned>(size));
      EXPECT_EQ(walk.level, leaf_level(size));
      EXPECT(walk.page_size() == size);
      EXPECT_EQ(walk.page.page(size).value(), 1ull << 30);
    }
}

PW_TEST(walk_stops_at_an_entry_that_is_not_present_on_every_level) {
  for (const Level level : {kPt, kPd, kPdpt, kPml4}) {
    Tables tables;
    tables.map(kPage, PhysAddr(0x5000));
    std::uint64_t& entry = tables.entry(kPage, level);
    const Patch patch(entry, entry & ~flag::kPresent);
    const WalkResult walk = tables.walk(kPage, kWrite);
    EXPECT(walk.end == WalkEnd::NotPresent);
    EXPECT_EQ(walk.level, level);
    EXPECT_EQ(walk.references, 5 - level);
    EXPECT_EQ(walk.error_code, error_code::kWrite | error_code::kUser);
  }
}

PW_TEST(an_entry_that_is_not_present_is_not_checked_for_reserved_bits_or_rights) {
  Tables tables;
  tables.map(kPage, PhysAddr(0x5000), PageSize::Size4KiB, LeafFlags{0});
  tables.control.max_phys_bits = 40;
  tables.entry(kPage, kPt) = 1ull << 45;
  EXPECT(tables.walk(kPage, kWrite).end == WalkEnd::NotPresent);
}

PW_TEST(a_reserved_bit_comes_before_a_missing_right) {
  for (const Level level : {kPt, kPd, kPdpt, kPml4}) {
    Tables tables;
    tables.map(kPage, PhysAddr(0x5000), PageSize::Size4KiB, LeafFlags{0});
    tables.control.max_phys_bits = 40;
    std::uint64_t& entry = tables.entry(kPage, level);
    const Patch patch(entry, entry | 1ull << 45);
    const WalkResult walk = tables.walk(kPage, kWrite);
    EXPECT(walk.end == WalkEnd::Reserved);
    EXPECT_EQ(walk.level, level);
    EXPECT_EQ(walk.error_code,
              error_code::kPresent | error_code::kReserved | error_code::kWrite | error_code::kUser);
  }
}

PW_TEST(page_size_bit_is_reserved_above_the_pdpt_and_alignment_bits_in_large_leaves) {
  Tables tables;
  tables.map(kPage, PhysAddr(0x5000));
  {
    std::uint64_t& entry = tables.entry(kPage, kPml4);
    const Patch patch(entry, entry | flag::kPageSize);
    EXPECT(tables.walk(kPage).end == WalkEnd::Reserved);
  }
  for (const PageSize size : {PageSize::Size2MiB, PageSize::Size1GiB}) {
    Tables large;
    large.map(start_of(size), PhysAddr(1ull << 30), size);
    large.entry(kPage, leaf_level(size)) |= 1ull << 12;  // PAT
    EXPECT(large.walk(kPage).end == WalkEnd::Translated);
    EXPECT_EQ(large.walk(kPage).page.page(size).value(), 1ull << 30);
    large.entry(kPage, leaf_level(size)) |= 1ull << 13;
    EXPECT(large.walk(kPage).end == WalkEnd::Reserved);
  }
}

PW_TEST(no_execute_is_reserved_where_it_is_not_enabled) {
  Tables tables;
  tables.map(kPage, PhysAddr(0x5000), PageSize::Size4KiB, LeafFlags{flag::kUser | flag::kNoExecute});
  EXPECT(tables.walk(kPage, kFetch).end == WalkEnd::Refused);
  EXPECT_EQ(tables.walk(kPage, kFetch).error_code,
            error_code::kPresent | error_code::kUser | error_code::kFetch);
  EXPECT(tables.walk(kPage, kRead).end == WalkEnd::Translated);
  tables.control.no_execute = false;
  EXPECT(tables.walk(kPage, kRead).end == WalkEnd::Reserved);
}

PW_TEST(a_right_must_be_granted_on_every_level) {
  for (const Level level : {kPt, kPd, kPdpt, kPml4}) {
    Tables tables;
    tables.map(kPage, PhysAddr(0x5000));
    tables.entry(kPage, level) &= ~flag::kWritable;
    EXPECT(tables.walk(kPage, kRead).end == WalkEnd::Translated);
    EXPECT(!tables.walk(kPage, kRead).page.is_writable());
    const WalkResult refused = tables.walk(kPage, kWrite);
    EXPECT(refused.end == WalkEnd::Refused);
    EXPECT_EQ(refused.error_code, error_code::kPresent | error_code::kWrite | error_code::kUser);
    tables.entry(kPage, level) &= ~flag::kUser;
    EXPECT(tables.walk(kPage, kRead).end == WalkEnd::Refused);
    EXPECT(tables.walk(kPage, {Operation::Read, Privilege::Supervisor}).end == WalkEnd::Translated);
  }
}

PW_TEST(a_walk_sets_accessed_on_every_level_and_dirty_on_the_leaf_of_a_store_alone) {
  for (const unsigned levels : {4u, 5u})
    for (const PageSize size : kSizes) {
      Tables tables(levels);
      tables.map(start_of(size), PhysAddr(1ull << 30), size);
      const WalkResult read = tables.walk(kPage, kRead);
      for (Level level = levels; level >= leaf_level(size); --level) {
        EXPECT(Entry(tables.entry(kPage, level)).is_accessed());
        EXPECT(!Entry(tables.entry(kPage, level)).is_dirty());
      }
      EXPECT(!read.page.is_dirty());
      EXPECT(tables.walk(kPage, kWrite).page.is_dirty());
      for (Level level = levels; level > leaf_level(size); --level)
        EXPECT(!Entry(tables.entry(kPage, level)).is_dirty());
      EXPECT(Entry(tables.entry(kPage, leaf_level(size))).is_dirty());
      EXPECT(tables.walk(kPage, kRead).page.is_dirty());
    }
}

PW_TEST(a_refused_walk_marks_upper_entries_but_not_the_leaf) {
  Tables tables;
  tables.map(kPage, PhysAddr(0x5000), PageSize::Size4KiB, LeafFlags{flag::kUser});
  EXPECT(tables.walk(kPage, kWrite).end == WalkEnd::Refused);
  for (const Level level : {kPd, kPdpt, kPml4}) EXPECT(Entry(tables.entry(kPage, level)).is_accessed());
  EXPECT(!Entry(tables.entry(kPage, kPt)).is_accessed());
  EXPECT(!Entry(tables.entry(kPage, kPt)).is_dirty());
}

PW_TEST(a_walk_from_a_structure_cache_reads_only_what_is_below_and_keeps_the_rights_above) {
  Tables tables;
  tables.map(kPage, PhysAddr(0x5000));
  const Walker walker(tables.memory, tables.control);
  for (const Level level : {kPt, kPd, kPdpt}) {
    const PhysAddr table = Entry(tables.entry(kPage, level + 1)).table();
    const std::uint64_t all = flag::kWritable | flag::kUser;
    const WalkResult walk = walker.walk({level, Entry(table.value() | all)}, kPage, kWrite);
    EXPECT(walk.end == WalkEnd::Translated);
    EXPECT_EQ(walk.references, level);
    EXPECT_EQ(walk.page.page(PageSize::Size4KiB).value(), 0x5000);
    EXPECT(walker.walk({level, Entry(table.value() | flag::kUser)}, kPage, kWrite).end == WalkEnd::Refused);
    EXPECT(walker.walk({level, Entry(table.value() | all | flag::kNoExecute)}, kPage, kFetch).end ==
           WalkEnd::Refused);
  }
}

PW_TEST(tables_outside_the_memory_read_as_zero) {
  Tables tables(4, 64ull << 20);
  tables.map(kPage, PhysAddr(0x5000));
  for (const Level level : {kPml4, kPdpt, kPd}) {
    std::uint64_t& entry = tables.entry(kPage, level);
    const Patch patch(entry, (entry & ~kAddressBits) | 1ull << 40);
    const WalkResult walk = tables.walk(kPage);
    EXPECT(walk.end == WalkEnd::NotPresent);
    EXPECT_EQ(walk.level, level - 1);
    EXPECT_EQ(walk.raw.bits(), 0);
  }
}

}  // namespace
}  // namespace pw::test
