// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include "../paging/tables.h"
#include "paging/table_view.h"

namespace pw::test {
namespace {

using namespace paging;

ErrorCode refusal_of(Result<PendingInvalidation> result) {
  REQUIRE(!result.ok());
  return result.error().code;
}
InvalidationScope scope_of(Result<PendingInvalidation> result) {
  REQUIRE(result.ok());
  const InvalidationScope scope = result.value().scope();
  std::move(result).value().ignore("no TLB");
  return scope;
}
ErrorCode map_error(Tables& tables, VirtAddr address, std::uint64_t physical, PageSize size,
                    LeafFlags flags = {}) {
  return refusal_of(tables.mapper.map(address, PhysAddr(physical), size, flags));
}
std::uint64_t used_frames(const Tables& tables) {
  return tables.allocator.frames() - tables.allocator.free_count();
}

PW_TEST(mapping_creates_the_tables_it_needs_and_unmapping_frees_them) {
  for (const unsigned levels : {4u, 5u})
    for (const PageSize size : {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB}) {
      Tables tables(levels);
      EXPECT_EQ(tables.mapper.table_count(), 1);
      const VirtAddr page(kPage.value() & ~(bytes_of(size) - 1));
      EXPECT(scope_of(tables.mapper.map(page, PhysAddr(1ull << 30), size, {})) == InvalidationScope::Nothing);
      EXPECT_EQ(tables.mapper.table_count(), levels - static_cast<unsigned>(size));
      EXPECT_EQ(used_frames(tables), tables.mapper.table_count());
      EXPECT(tables.mapper.find(kPage)->level == leaf_level(size));
      EXPECT(scope_of(tables.mapper.unmap(kPage)) == InvalidationScope::Tables);
      EXPECT_EQ(tables.mapper.table_count(), 1);
      EXPECT_EQ(used_frames(tables), 1);
      EXPECT(!tables.mapper.find(kPage));
      EXPECT(tables.allocator.validate().empty());
    }
}

PW_TEST(a_table_stays_while_an_entry_of_it_is_used) {
  Tables tables;
  const VirtAddr neighbor(kPage.value() + 4096), far(kPage.value() + (1ull << 30));
  tables.map(kPage, PhysAddr(0x5000));
  tables.map(neighbor, PhysAddr(0x6000));
  tables.map(far, PhysAddr(0x7000));
  EXPECT_EQ(tables.mapper.table_count(), 6);
  EXPECT(scope_of(tables.mapper.unmap(kPage)) == InvalidationScope::Page);
  EXPECT_EQ(tables.mapper.table_count(), 6);
  EXPECT(scope_of(tables.mapper.unmap(neighbor)) == InvalidationScope::Tables);
  EXPECT_EQ(tables.mapper.table_count(), 4);
  EXPECT(tables.mapper.find(far).has_value());
}

PW_TEST(protect_changes_the_rights_and_keeps_page_accessed_and_dirty) {
  Tables tables;
  tables.map(kPage, PhysAddr(0x5000));
  EXPECT(tables.walk(kPage, kWrite).end == WalkEnd::Translated);
  EXPECT(scope_of(tables.mapper.protect(kPage, LeafFlags{flag::kUser | flag::kNoExecute})) ==
         InvalidationScope::Page);
  const Entry leaf(*tables.mapper.find(kPage)->slot);
  EXPECT(leaf.is_accessed() && leaf.is_dirty() && leaf.is_no_execute() && !leaf.is_writable());
  EXPECT_EQ(leaf.page(PageSize::Size4KiB).value(), 0x5000);
  EXPECT(tables.walk(kPage, kWrite).end == WalkEnd::Refused);
}

PW_TEST(mapper_refuses_what_is_not_aligned_not_canonical_or_beyond_the_memory) {
  Tables tables;
  for (const PageSize size : {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB}) {
    const std::uint64_t half = bytes_of(size) / 2;
    EXPECT_EQ(map_error(tables, VirtAddr(half), 0, size), ErrorCode::InvalidArgument);
    EXPECT_EQ(map_error(tables, VirtAddr(0), half, size), ErrorCode::InvalidArgument);
    EXPECT_EQ(map_error(tables, VirtAddr(0), 4ull << 30, size), ErrorCode::PhysicalAddress);
  }
  EXPECT_EQ(map_error(tables, VirtAddr(0), ~0ull << 12, PageSize::Size4KiB), ErrorCode::PhysicalAddress);
  EXPECT_EQ(map_error(tables, VirtAddr(1ull << 47), 0, PageSize::Size4KiB), ErrorCode::NotCanonical);
  EXPECT_EQ(map_error(tables, VirtAddr(0), 0, PageSize::Size4KiB, LeafFlags{flag::kPresent}),
            ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal_of(tables.mapper.unmap(VirtAddr(1ull << 47))), ErrorCode::NotCanonical);
  EXPECT_EQ(tables.mapper.table_count(), 1);
  Tables five(5);
  five.map(VirtAddr(1ull << 47), PhysAddr(0));
}

PW_TEST(mapper_refuses_a_page_that_overlaps_another_of_any_size) {
  Tables tables;
  const VirtAddr large(0x8000'0000);
  tables.map(large, PhysAddr(1ull << 30), PageSize::Size2MiB);
  EXPECT_EQ(map_error(tables, large, 0, PageSize::Size2MiB), ErrorCode::AlreadyMapped);
  EXPECT_EQ(map_error(tables, VirtAddr(large.value() + 4096), 0, PageSize::Size4KiB),
            ErrorCode::AlreadyMapped);
  EXPECT_EQ(map_error(tables, large, 0, PageSize::Size1GiB), ErrorCode::AlreadyMapped);
  const VirtAddr later(large.value() + (4u << 20));  // inside the same 1 GiB, not at its beginning
  tables.map(later, PhysAddr(0x5000));
  EXPECT(scope_of(tables.mapper.unmap(large)) == InvalidationScope::Page);
  EXPECT_EQ(map_error(tables, large, 0, PageSize::Size1GiB), ErrorCode::AlreadyMapped);
}

PW_TEST(what_is_not_mapped_can_neither_be_unmapped_nor_protected) {
  Tables tables;
  EXPECT_EQ(refusal_of(tables.mapper.unmap(kPage)), ErrorCode::NotMapped);
  EXPECT_EQ(refusal_of(tables.mapper.protect(kPage, {})), ErrorCode::NotMapped);
  tables.map(kPage, PhysAddr(0x5000));
  EXPECT_EQ(refusal_of(tables.mapper.unmap(VirtAddr(kPage.value() + 4096))), ErrorCode::NotMapped);
  EXPECT_EQ(refusal_of(tables.mapper.protect(kPage, LeafFlags{1ull << 12})), ErrorCode::InvalidArgument);
}

PW_TEST(mapping_without_a_frame_for_a_table_is_out_of_memory) {
  Tables tables(4, 3 * kFrameBytes);  // root and two more tables, one short
  EXPECT_EQ(map_error(tables, kPage, 0, PageSize::Size4KiB), ErrorCode::OutOfMemory);
  EXPECT(!tables.mapper.find(kPage));
}

PW_TEST(a_destroyed_mapper_gives_every_table_back) {
  Tables tables;
  const std::uint64_t before = tables.allocator.free_count();
  {
    Mapper second(tables.memory, tables.allocator, tables.frames, 4);
    for (std::uint64_t i = 0; i < 20; ++i) {
      auto mapped = second.map(VirtAddr(i << 30), PhysAddr(0), PageSize::Size4KiB, {});
      REQUIRE(mapped.ok());
      std::move(mapped).value().ignore("no TLB");
    }
    EXPECT_EQ(before - tables.allocator.free_count(), 42);
  }
  EXPECT_EQ(tables.allocator.free_count(), before);
}

PW_TEST(a_table_entry_changed_to_point_beyond_the_memory_is_never_followed) {
  for (const Level level : {kPml4, kPdpt, kPd}) {
    Tables tables(4, 64ull << 20);
    tables.map(kPage, PhysAddr(0x5000));
    tables.entry(kPage, level) |= 1ull << 40;
    EXPECT(!tables.mapper.find(kPage));
    EXPECT(!tables.mapper.find_slot(kPage, kPt));
    EXPECT(!tables.mapper.ensure_slot(kPage, PageSize::Size4KiB));
    EXPECT_EQ(refusal_of(tables.mapper.unmap(kPage)), ErrorCode::NotMapped);
  }  // and no frame that is not the mapper's is freed here
}

PW_TEST(table_view_visits_parents_first_in_the_order_of_addresses_with_signs_extended) {
  Tables tables;
  const VirtAddr high(0xffff'8000'0000'0000);
  tables.map(high, PhysAddr(0x6000));
  tables.map(kPage, PhysAddr(0x5000));
  tables.map(VirtAddr(kPage.value() + 4096), PhysAddr(0x7000));
  std::vector<TableEntry> found;
  for_each_entry(tables.memory, tables.mapper.root(), 4, 48,
                 [&](const TableEntry& entry) { found.push_back(entry); });
  REQUIRE(found.size() == 9);
  EXPECT(std::ranges::is_sorted(found, {}, [](const TableEntry& entry) { return entry.address; }));
  EXPECT_EQ(found[0].level, kPml4);
  EXPECT(found[0].is_table() && !found[3].is_table());
  EXPECT(found[3].address == kPage);
  EXPECT(found.back().address == high);
}

}  // namespace
}  // namespace pw::test
