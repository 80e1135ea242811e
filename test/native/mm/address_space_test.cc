// SPDX-License-Identifier: MIT
#include "mm/address_space.h"

#include "sim_process.h"
#include "support/test.h"

namespace pw::test {
namespace {

using mm::AddressSpace;
using mm::FaultReason;
using mm::Kernel;

struct System {
  explicit System(const mm::KernelConfig& config = {.memory_bytes = 64 << 20, .contents = true})
      : kernel(config, translations), process(AddressSpace::make(kernel, {})) {}
  ~System() { EXPECT(mm::validate(kernel).empty()); }

  NoTranslations translations;
  Kernel kernel;
  std::unique_ptr<AddressSpace> process;
};

mm::KernelConfig small(std::uint64_t frames, std::uint64_t slots) {
  mm::KernelConfig config{.memory_bytes = frames * kFrameBytes, .contents = true};
  if (slots != 0) config.swap = {{.slots = slots}};
  return config;
}

PW_TEST(reads_share_the_page_of_zeros_and_stores_get_frames) {
  System system;
  const std::uint64_t at = map_anonymous(*system.process, 4);
  std::uint8_t value = 1;
  EXPECT(load(*system.process, at, &value).reason == FaultReason::DemandZero);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(system.kernel.counters().resident_pages, 0);
  EXPECT(store(*system.process, at, 7).reason == FaultReason::CopyOnWrite);
  EXPECT(store(*system.process, at + 4096, 8).reason == FaultReason::DemandZero);
  EXPECT_EQ(system.kernel.counters().resident_pages, 2);
  load(*system.process, at, &value);
  EXPECT_EQ(value, 7);
}

PW_TEST(accesses_without_the_right_are_refused_with_their_code) {
  System system;
  AddressSpace& space = *system.process;
  const std::uint64_t at = map_anonymous(space, 4);
  store(space, at);
  EXPECT(mm::mprotect(space, at, 4096, mm::abi::kProtRead) == mm::Errno::None);
  const Touched refused = store(space, at);
  EXPECT(refused.reason == FaultReason::WriteToReadOnly && refused.code == mm::SegvCode::AccErr);
  EXPECT(touch(space, at, paging::Operation::Fetch).reason == FaultReason::ExecuteOfNoExecute);
  EXPECT(mm::mprotect(space, at, 4096, 0) == mm::Errno::None);
  EXPECT(load(space, at).reason == FaultReason::GuardPage);
  const Touched bad = load(space, at - 4096);
  EXPECT(bad.reason == FaultReason::BadAddress && bad.code == mm::SegvCode::MapErr);
  EXPECT(load(space, 0xffff'8000'0000'0000).reason == FaultReason::KernelAccess);
  EXPECT(mm::mprotect(space, at, 4096, 3) == mm::Errno::None);
  EXPECT_EQ(store(space, at).faults, 0);
}

PW_TEST(a_fork_copies_what_is_stored_to_and_shares_the_rest) {
  System system;
  AddressSpace& parent = *system.process;
  const std::uint64_t at = map_anonymous(parent, 3);
  for (std::uint64_t page = 0; page < 3; ++page) store(parent, at + page * 4096, 1);
  {
    const auto child = mm::fork(parent);
    EXPECT_EQ(system.kernel.counters().resident_pages, 3);
    EXPECT(store(*child, at, 2).reason == FaultReason::CopyOnWrite);
    EXPECT(store(parent, at + 4096, 3).reason == FaultReason::CopyOnWrite);
    EXPECT_EQ(system.kernel.counters().copied_pages, 2);
    std::uint8_t value = 0;
    load(parent, at, &value);
    EXPECT_EQ(value, 1);
    load(*child, at + 4096, &value);
    EXPECT_EQ(value, 1);
    EXPECT(mm::validate(system.kernel).empty());
  }
  EXPECT_EQ(system.kernel.counters().resident_pages, 3);
  store(parent, at + 8192, 4);  // nobody shares it any more
  EXPECT_EQ(system.kernel.counters().copied_pages, 2);
}

PW_TEST(exit_gives_every_frame_table_and_slot_back) {
  System system(small(64, 256));
  const std::uint64_t before = system.kernel.allocator().free_count();
  for (int round = 0; round < 3; ++round) {
    auto space = AddressSpace::make(system.kernel, {});
    const std::uint64_t at = map_anonymous(*space, 150);
    for (std::uint64_t page = 0; page < 150; ++page) REQUIRE(store(*space, at + page * 4096, 1).ok());
    auto child = mm::fork(*space);
    REQUIRE(child != nullptr);
    for (std::uint64_t page = 0; page < 30; ++page) REQUIRE(store(*child, at + page * 4096, 2).ok());
    EXPECT(system.kernel.swap().in_use() > 50);
    EXPECT(mm::validate(system.kernel).empty());
    space.reset();
    child.reset();
    EXPECT_EQ(system.kernel.swap().in_use(), 0);
    EXPECT_EQ(system.kernel.allocator().free_count(), before);
    EXPECT_EQ(system.kernel.commit().committed(), 0);
  }
}

PW_TEST(evicted_pages_come_back_with_their_bytes) {
  for (const char* policy : {"fifo", "clock", "lru", "arc", "random", "s3-fifo"}) {
    mm::KernelConfig config = small(48, 256);
    config.policy = policy;
    System system(config);
    AddressSpace& space = *system.process;
    const std::uint64_t at = map_anonymous(space, 100);
    Rng rng(3);
    std::vector<std::uint8_t> expected(100);
    for (int i = 0; i < 5000; ++i) {
      const std::uint64_t page = rng.below(100);
      std::uint8_t value = 0;
      REQUIRE(load(space, at + page * 4096, &value).ok());
      EXPECT_EQ(value, expected[page]);
      if (rng.below(3) != 0) continue;
      expected[page] = static_cast<std::uint8_t>(rng.next());
      REQUIRE(store(space, at + page * 4096, expected[page]).ok());
    }
    EXPECT(system.kernel.counters().swap_ins > 500);
  }
}

PW_TEST(a_page_swapped_in_by_one_process_is_a_cache_hit_for_the_other) {
  System system(small(64, 64));
  AddressSpace& parent = *system.process;
  const std::uint64_t at = map_anonymous(parent, 1);
  store(parent, at, 9);
  const auto child = mm::fork(parent);
  const auto leaf = parent.find_leaf(page_of(VirtAddr(at)));
  REQUIRE(system.kernel.evict(mm::leaf::frame_of(paging::Entry(*leaf->slot))));
  EXPECT_EQ(parent.counters().swapped + child->counters().swapped, 2);
  const Touched first = load(parent, at);
  EXPECT(first.reason == FaultReason::SwapIn && first.was_major);
  std::uint8_t value = 0;
  const Touched second = load(*child, at, &value);
  EXPECT(second.reason == FaultReason::SwapCacheHit && !second.was_major);
  EXPECT_EQ(value, 9);
  EXPECT_EQ(system.kernel.counters().resident_pages, 1);
}

PW_TEST(memory_that_is_out_fails_the_fault_and_corrupts_nothing) {
  System system(small(32, 0));
  AddressSpace& space = *system.process;
  const std::uint64_t at = map_anonymous(space, 25, mm::abi::kMapNoReserve);
  const std::uint64_t more = map_anonymous(space, 25, mm::abi::kMapNoReserve);
  Touched last;
  for (std::uint64_t page = 0; page < 50 && last.ok(); ++page)
    last = store(space, (page < 25 ? at : more - 25 * 4096) + page * 4096);
  EXPECT(last.outcome == mm::FaultOutcome::OutOfMemory);
  EXPECT(mm::fork(space) == nullptr);
  EXPECT(mm::validate(system.kernel).empty());
  EXPECT(mm::munmap(space, at, 4096 * 5) == mm::Errno::None);
  EXPECT(store(space, at + 4096 * 20).ok());
}

PW_TEST(stacks_grow_until_the_guard_gap_or_the_limit) {
  System system;
  AddressSpace& space = *system.process;
  space.limits().stack = 1 << 20;
  const std::uint64_t stack = map_anonymous(space, 4, mm::abi::kMapGrowsDown);
  EXPECT(store(space, stack - 4096).reason == FaultReason::StackGrowth);
  EXPECT(store(space, stack - 100 * 4096).ok());
  EXPECT_EQ(space.vmas().find(page_of(VirtAddr(stack)))->range.pages(), 104);
  EXPECT(store(space, stack - 300 * 4096).reason == FaultReason::GuardPage);
}

PW_TEST(private_file_pages_are_copied_and_shared_ones_reach_the_file) {
  System system(small(64, 0));
  AddressSpace& space = *system.process;
  mm::OpenFile file{system.kernel.make_object(mm::ObjectKind::File, "data", 3 * 4096 + 10)};
  const std::vector<std::byte> bytes(4096, std::byte{5});
  file.object->write_stored(1, std::span<const std::byte, 4096>(bytes));
  const auto shared =
      mm::mmap(space, {.length = 5 * 4096, .protection = 3, .flags = mm::abi::kMapShared, .file = &file});
  const auto copy =
      mm::mmap(space, {.length = 5 * 4096, .protection = 3, .flags = mm::abi::kMapPrivate, .file = &file});
  std::uint8_t value = 0;
  EXPECT(load(space, shared.value + 4096, &value).was_major);
  EXPECT_EQ(value, 5);
  EXPECT(!load(space, copy.value + 4096).was_major);
  store(space, copy.value + 4096, 6);
  store(space, shared.value + 4096, 7);
  load(space, copy.value + 4096, &value);
  EXPECT_EQ(value, 6);
  EXPECT(load(space, shared.value + 4 * 4096).outcome == mm::FaultOutcome::BusError);
  EXPECT(mm::msync(space, shared.value, 4096 * 2, mm::abi::kMsSync) == mm::Errno::None);
  std::array<std::byte, 4096> stored;
  file.object->read_stored(1, stored);
  EXPECT(stored[0] == std::byte{7});
  EXPECT(mm::truncate(system.kernel, *file.object, 4096) == mm::Errno::None);
  EXPECT(load(space, copy.value + 4096).outcome == mm::FaultOutcome::BusError);
  EXPECT_EQ(system.kernel.counters().resident_pages, 0);
}

}  // namespace
}  // namespace pw::test
