// SPDX-License-Identifier: MIT
#include <memory>
#include <vector>

#include "mm/pager.h"
#include "phys/bitmap_allocator.h"
#include "policy/replacement/registry.h"
#include "support/test.h"

namespace pw::test {
namespace {

using mm::FaultKind;

// A pager over a memory, with a walker in place of an MMU.
struct Paged final : mm::Translations {
  explicit Paged(std::uint64_t frames, std::uint64_t limit, const char* policy = "fifo")
      : memory(frames * kFrameBytes),
        table(frames),
        allocator(phys::MemoryMap::flat(frames * kFrameBytes)),
        mapper(memory, allocator, table, 4),
        pager({memory, allocator, table}, mapper, *this, PageSize::Size4KiB, limit) {
    pager.set_policy(
        policy::make_policy(policy, {.frames = pager.policy_frames(), .capacity = pager.capacity()}).value());
  }
  void settle() override { ++settled; }
  void forget(VirtAddr page) override { forgotten.push_back(page.value() >> 12); }

  paging::WalkResult walk(std::uint64_t page, paging::Operation operation) {
    return paging::Walker(memory, {})
        .walk(paging::WalkStart::root(mapper.root(), 4), VirtAddr(page << 12), {operation});
  }
  // What the access was; OutOfMemory shows as Protection.
  FaultKind touch(std::uint64_t page, paging::Operation operation = paging::Operation::Read) {
    const auto before = walk(page, operation);
    if (before.end == paging::WalkEnd::Translated) return FaultKind::None;
    const FaultKind kind = pager.classify(before);
    if (!pager.serve(VirtAddr(page << 12), AccessKind::Load, pager.leaf_at(before), ++now))
      return FaultKind::Protection;
    REQUIRE(walk(page, operation).end == paging::WalkEnd::Translated);
    return kind;
  }
  FaultKind store(std::uint64_t page) { return touch(page, paging::Operation::Write); }

  phys::PhysicalMemory memory;
  phys::FrameTable table;
  phys::BitmapAllocator allocator;
  paging::Mapper mapper;
  mm::Pager pager;
  std::uint64_t now = 0;
  unsigned settled = 0;
  std::vector<std::uint64_t> forgotten;
};

PW_TEST(the_first_touch_is_minor_and_one_after_an_eviction_major_even_if_only_read) {
  Paged paged(1024, 2);
  EXPECT_EQ(paged.touch(1), FaultKind::Minor);
  EXPECT_EQ(paged.touch(1), FaultKind::None);
  EXPECT_EQ(paged.touch(2), FaultKind::Minor);
  EXPECT_EQ(paged.touch(3), FaultKind::Minor);
  EXPECT_EQ(paged.touch(1), FaultKind::Major);
  EXPECT_EQ(paged.pager.counters().evictions, 2);
  EXPECT_EQ(paged.pager.counters().writebacks, 0);
  EXPECT_EQ(paged.pager.swap_slots_in_use(), 0);
}

PW_TEST(only_a_page_stored_to_since_it_was_loaded_is_written_back) {
  Paged paged(1024, 1);
  paged.store(1);
  paged.touch(2);
  EXPECT_EQ(paged.pager.counters().writebacks, 1);
  EXPECT_EQ(paged.touch(1), FaultKind::Major);  // comes back clean and leaves clean
  paged.touch(2);
  EXPECT_EQ(paged.pager.counters().writebacks, 1);
  paged.store(1);
  paged.touch(2);
  EXPECT_EQ(paged.pager.counters().writebacks, 2);
}

PW_TEST(a_page_keeps_its_swap_slot_while_its_copy_is_clean_and_when_it_is_written_again) {
  Paged paged(1024, 1);
  for (int i = 0; i < 5; ++i) {
    paged.store(1);
    paged.touch(2);
    EXPECT_EQ(paged.pager.swap_slots_in_use(), 1);
  }
  paged.store(3);
  paged.touch(2);
  EXPECT_EQ(paged.pager.swap_slots_in_use(), 2);
}

PW_TEST(an_eviction_settles_uses_first_and_forgets_the_page_once) {
  Paged paged(1024, 2);
  for (std::uint64_t page = 1; page <= 5; ++page) paged.touch(page);
  EXPECT_EQ(paged.settled, 3);
  EXPECT(paged.forgotten == std::vector<std::uint64_t>({1, 2, 3}));
}

PW_TEST(the_limit_counts_pages_not_tables) {
  Paged paged(1024, 3);
  for (std::uint64_t i = 0; i < 3; ++i) paged.touch(i << 27);  // each with three tables of its own
  EXPECT_EQ(paged.pager.counters().evictions, 0);
  EXPECT_EQ(paged.mapper.table_count(), 10);
  EXPECT_EQ(paged.pager.counters().resident_pages, 3);
  paged.touch(7);
  EXPECT_EQ(paged.pager.counters().evictions, 1);
  EXPECT_EQ(paged.pager.counters().peak_resident_pages, 3);
}

PW_TEST(memory_is_the_limit_where_no_other_is_set) {
  Paged paged(10, 0);  // four tables, six pages
  for (std::uint64_t page = 0; page < 6; ++page) paged.touch(page);
  EXPECT_EQ(paged.pager.counters().evictions, 0);
  paged.touch(6);
  EXPECT_EQ(paged.pager.counters().evictions, 1);
  EXPECT_EQ(paged.allocator.free_count(), 0);
}

PW_TEST(a_page_that_needs_tables_evicts_for_them_too) {
  Paged paged(10, 0);
  for (std::uint64_t page = 0; page < 6; ++page) paged.touch(page);
  EXPECT_EQ(paged.touch(1ull << 27), FaultKind::Minor);
  EXPECT_EQ(paged.pager.counters().evictions, 4);  // a page and three tables
  EXPECT_EQ(paged.pager.counters().resident_pages, 3);
}

PW_TEST(memory_runs_out_where_nothing_can_be_evicted_and_no_frame_leaks) {
  Paged paged(4, 0);
  EXPECT_EQ(paged.touch(1), FaultKind::Protection);
  EXPECT_EQ(paged.pager.counters().resident_pages, 0);
  EXPECT_EQ(paged.allocator.frames() - paged.allocator.free_count(), paged.mapper.table_count());
  EXPECT(paged.allocator.validate().empty());
}

PW_TEST(the_peak_starts_anew_from_what_is_resident) {
  Paged paged(1024, 0);
  for (std::uint64_t page = 0; page < 6; ++page) paged.touch(page);
  paged.pager.reset_peak();
  EXPECT_EQ(paged.pager.counters().peak_resident_pages, 6);
}

PW_TEST(accessed_bits_are_read_and_cleared_by_frame) {
  Paged paged(1024, 0);
  paged.touch(9);
  const auto leaf = paged.mapper.find(VirtAddr(9 << 12));
  const FrameIndex frame = frame_of(paging::Entry(*leaf->slot).page(PageSize::Size4KiB));
  EXPECT(paged.pager.address_of(frame) == VirtAddr(9 << 12));
  EXPECT(paged.pager.test_and_clear(frame));
  EXPECT(!paged.pager.test_and_clear(frame));
  EXPECT(!paging::Entry(*leaf->slot).is_accessed());
  paged.touch(9);
  EXPECT(paged.pager.test_and_clear(frame));
}

// Whoever decides for it has failed.
struct Failing final : policy::ReplacementPolicy {
  policy::Observation observation() const override { return policy::Observation::Nothing; }
  void on_fault(VirtPage, std::uint64_t) override {}
  bool may_give_up() const override { return false; }
  bool expects_faults() const override { return true; }
  bool gives_up(std::uint64_t) override { return false; }
  void on_insert(const policy::Resident&, policy::Arrival) override { ++resident; }
  void on_touches(std::span<const policy::Touch>) override {}
  void on_remove(const policy::Resident&, policy::Departure) override { --resident; }
  FrameIndex choose_victim() override { return policy::kNoVictim; }
  int resident = 0;
};

PW_TEST(a_fault_is_refused_and_nothing_changes_if_the_policy_names_no_victim) {
  Paged paged(1024, 2);
  paged.pager.set_policy(std::make_unique<Failing>());
  EXPECT_EQ(paged.touch(1), FaultKind::Minor);
  EXPECT_EQ(paged.touch(2), FaultKind::Minor);
  const std::uint64_t free = paged.allocator.free_count();
  EXPECT_EQ(paged.touch(3), FaultKind::Protection);
  EXPECT_EQ(paged.allocator.free_count(), free);
  EXPECT_EQ(paged.pager.counters().resident_pages, 2);
  EXPECT_EQ(static_cast<Failing&>(paged.pager.policy()).resident, 2);
  EXPECT_EQ(paged.touch(1), FaultKind::None);
}

}  // namespace
}  // namespace pw::test
