// SPDX-License-Identifier: MIT
// What the comparison with the running kernel cannot reach: limits, overcommit, the heap, advice that acts on swap.
#include "mm/calls/calls.h"

#include "sim_process.h"
#include "support/test.h"

namespace pw::test {
namespace {

namespace abi = mm::abi;
using mm::AddressSpace;
using mm::Errno;
using mm::Kernel;

struct Booted {
  explicit Booted(mm::KernelConfig config = {}, const mm::Limits& limits = {})
      : kernel(sized(std::move(config)), translations), space(AddressSpace::make(kernel, limits)) {}
  ~Booted() {
    const auto violations = mm::validate(kernel);
    EXPECT_EQ(violations.empty() ? "" : violations.front(), "");
  }
  static mm::KernelConfig sized(mm::KernelConfig config) {
    config.memory_bytes = 512 * kFrameBytes;
    config.swap = {{.slots = 512}};
    config.contents = true;
    return config;
  }
  mm::CallResult map(std::uint64_t pages, std::uint64_t rights = 3, std::uint64_t flags = 0) {
    return mm::mmap(*space, {.length = pages * kFrameBytes,
                             .protection = rights,
                             .flags = abi::kMapPrivate | abi::kMapAnonymous | flags});
  }
  FrameIndex frame_at(std::uint64_t address) {
    return mm::leaf::frame_of(paging::Entry(*space->find_leaf(page_of(VirtAddr(address)))->slot));
  }

  NoTranslations translations;
  Kernel kernel;
  std::unique_ptr<AddressSpace> space;
};

PW_TEST(heuristic_overcommit_refuses_only_what_could_never_be) {
  Booted booted;
  EXPECT(booted.map(1024).ok());
  EXPECT(booted.map(1024).ok());
  EXPECT(booted.map(1025).error == Errno::Enomem);
  EXPECT(booted.map(1025, 1).ok());  // nothing is promised for what cannot be written
  EXPECT(booted.map(1025, 3, abi::kMapNoReserve).ok());
}

PW_TEST(overcommit_that_never_promises_more_than_there_is) {
  mm::KernelConfig config;
  config.overcommit = {.mode = mm::Overcommit::Never, .admin_reserve_pages = 8, .user_reserve_pages = 0};
  Booted booted(config);  // 256 of memory and 512 of swap
  EXPECT_EQ(booted.kernel.commit().limit(), 768);
  EXPECT(booted.map(760).error == Errno::Enomem);
  const auto most = booted.map(759, 3, abi::kMapNoReserve);  // which mode 2 does not honor
  EXPECT(most.ok());
  EXPECT(booted.map(1).error == Errno::Enomem);
  EXPECT(mm::munmap(*booted.space, most.value, 2 * kFrameBytes) == Errno::None);
  EXPECT(booted.map(2).ok());
  EXPECT(mm::fork(*booted.space) == nullptr);
}

PW_TEST(overcommit_that_always_promises) {
  mm::KernelConfig config;
  config.overcommit.mode = mm::Overcommit::Always;
  Booted booted(config);
  EXPECT(booted.map(1u << 20).ok());
}

PW_TEST(limits_of_address_space_data_and_locked_memory) {
  Booted booted({},
                {.address_space = 102 * kFrameBytes, .data = 50 * kFrameBytes, .locked = 4 * kFrameBytes});
  EXPECT(booted.map(51).error == Errno::Enomem);
  const auto data = booted.map(50);
  EXPECT(data.ok());
  EXPECT(booted.map(1).error == Errno::Enomem);
  const auto text = booted.map(51, 1);
  EXPECT(text.ok());
  EXPECT(booted.map(2, 1).error == Errno::Enomem);
  EXPECT(mm::mprotect(*booted.space, text.value, kFrameBytes, 3) == Errno::Enomem);
  EXPECT(mm::mlock(*booted.space, data.value, 5 * kFrameBytes) == Errno::Enomem);
  EXPECT(mm::mlock(*booted.space, data.value, 4 * kFrameBytes) == Errno::None);
  EXPECT(mm::mlock(*booted.space, data.value + kFrameBytes, 3 * kFrameBytes) == Errno::None);
  EXPECT(mm::mlock(*booted.space, data.value + 4 * kFrameBytes, 1) == Errno::Enomem);
  booted.space->limits().locked = 0;
  EXPECT(mm::mlock(*booted.space, data.value, 1) == Errno::Eperm);
  EXPECT(mm::munlock(*booted.space, data.value, 4 * kFrameBytes) == Errno::None);
}

PW_TEST(there_are_never_more_vmas_than_allowed) {
  mm::KernelConfig config;
  config.max_map_count = 10;
  Booted booted(config);
  const auto one = booted.map(100);
  unsigned split = 0;
  for (std::uint64_t page = 1; page < 40; page += 2)
    split += mm::mprotect(*booted.space, one.value + page * kFrameBytes, kFrameBytes, 1) == Errno::None;
  EXPECT_EQ(booted.space->vmas().size(), 10);
  EXPECT_EQ(split, 4);
  EXPECT(mm::munmap(*booted.space, one.value + 90 * kFrameBytes, kFrameBytes) == Errno::Enomem);
  EXPECT(mm::munmap(*booted.space, one.value, 100 * kFrameBytes) == Errno::None);
}

PW_TEST(the_heap_moves_by_bytes_and_stays_where_it_may_not_move) {
  Booted booted({}, {.data = 20 * kFrameBytes});
  AddressSpace& space = *booted.space;
  const std::uint64_t start = mm::brk(space, 0);
  EXPECT_EQ(mm::brk(space, start + 100), start + 100);
  EXPECT(store(space, start + 4000).ok());
  EXPECT(!store(space, start + 4096).ok());
  EXPECT_EQ(mm::brk(space, start + 3 * kFrameBytes), start + 3 * kFrameBytes);
  EXPECT_EQ(space.vmas().size(), 1);
  EXPECT_EQ(mm::brk(space, start - 1), start + 3 * kFrameBytes);
  EXPECT_EQ(mm::brk(space, start + 21 * kFrameBytes), start + 3 * kFrameBytes);
  EXPECT_EQ(mm::brk(space, ~0ull), start + 3 * kFrameBytes);
  EXPECT_EQ(mm::brk(space, start), start);
  EXPECT_EQ(space.vmas().size(), 0);
  EXPECT_EQ(booted.kernel.counters().resident_pages, 0);
}

PW_TEST(locked_pages_are_brought_in_and_stay) {
  Booted booted;
  AddressSpace& space = *booted.space;
  const auto locked = booted.map(100);
  EXPECT(mm::mlock(space, locked.value, 100 * kFrameBytes) == Errno::None);
  EXPECT_EQ(booted.kernel.counters().resident_pages, 100);
  EXPECT_EQ(booted.kernel.resident().evictable(), 0);
  const auto other = booted.map(600);
  for (std::uint64_t page = 0; page < 600; ++page)
    EXPECT(store(space, other.value + page * kFrameBytes).ok());
  EXPECT_EQ(load(space, locked.value + 50 * kFrameBytes).faults, 0);
  EXPECT(mm::madvise(space, locked.value, kFrameBytes, abi::kDontNeed) == Errno::Einval);
  EXPECT(mm::mlockall(space, abi::kMclFuture | abi::kMclOnFault) == Errno::None);
  EXPECT(mm::munlockall(space) == Errno::None);
  EXPECT_EQ(space.counters().locked, 0);
  EXPECT(booted.kernel.resident().evictable() > 100);
}

PW_TEST(memory_that_is_freed_lazily_is_dropped_unless_it_is_stored_to_again) {
  Booted booted;
  AddressSpace& space = *booted.space;
  const auto at = booted.map(2);
  store(space, at.value, 1);
  store(space, at.value + kFrameBytes, 2);
  EXPECT(mm::madvise(space, at.value, 2 * kFrameBytes, abi::kFree) == Errno::None);
  std::uint8_t value = 0;
  load(space, at.value, &value);
  EXPECT_EQ(value, 1);
  store(space, at.value + kFrameBytes, 3);
  EXPECT(booted.kernel.evict(booted.frame_at(at.value)));
  EXPECT(booted.kernel.evict(booted.frame_at(at.value + kFrameBytes)));
  EXPECT_EQ(booted.kernel.counters().swap_outs, 1);
  load(space, at.value, &value);
  EXPECT_EQ(value, 0);
  load(space, at.value + kFrameBytes, &value);
  EXPECT_EQ(value, 3);
}

PW_TEST(advice_pages_out_and_in_again) {
  Booted booted;
  AddressSpace& space = *booted.space;
  const auto at = booted.map(8);
  for (std::uint64_t page = 0; page < 8; ++page) store(space, at.value + page * kFrameBytes, 7);
  EXPECT(mm::madvise(space, at.value, 8 * kFrameBytes, abi::kPageOut) == Errno::None);
  EXPECT_EQ(space.counters().swapped, 8);
  EXPECT_EQ(booted.kernel.swap().in_use(), 8);
  EXPECT(mm::madvise(space, at.value, 4 * kFrameBytes, abi::kWillNeed) == Errno::None);
  EXPECT_EQ(space.counters().swapped, 4);
  std::uint8_t value = 0;
  EXPECT_EQ(load(space, at.value, &value).faults, 0);
  EXPECT_EQ(value, 7);
  EXPECT(mm::madvise(space, at.value, 8 * kFrameBytes, abi::kDontNeed) == Errno::None);
  EXPECT_EQ(booted.kernel.swap().in_use(), 0);
}

PW_TEST(a_protection_key_reaches_the_entries) {
  Booted booted;
  const auto at = booted.map(2);
  store(*booted.space, at.value);
  EXPECT(mm::pkey_mprotect(*booted.space, at.value, kFrameBytes, 3, 16) == Errno::Einval);
  EXPECT(mm::pkey_mprotect(*booted.space, at.value, kFrameBytes, 3, 5) == Errno::None);
  EXPECT_EQ(booted.space->vmas().size(), 2);
  const auto leaf = booted.space->find_leaf(page_of(VirtAddr(at.value)));
  EXPECT_EQ(paging::Entry(*leaf->slot).protection_key(), 5);
  EXPECT(mm::mprotect(*booted.space, at.value, kFrameBytes, 1) == Errno::None);
  EXPECT_EQ(paging::Entry(*leaf->slot).protection_key(), 5);
}

PW_TEST(swap_that_is_full_puts_victims_aside_until_slots_are_free) {
  mm::KernelConfig config;
  config.policy = "fifo";
  NoTranslations translations;
  config.memory_bytes = 64 * kFrameBytes;
  config.swap = {{.slots = 4}};
  Kernel kernel(config, translations);
  const auto space = AddressSpace::make(kernel, {});
  const std::uint64_t at = map_anonymous(*space, 64, abi::kMapNoReserve);
  std::uint64_t page = 0;
  while (store(*space, at + page * kFrameBytes).ok()) ++page;
  EXPECT_EQ(kernel.swap().free(), 0);
  EXPECT(kernel.resident().set_aside() > 0);
  EXPECT(mm::madvise(*space, at, 4 * kFrameBytes, abi::kDontNeed) == Errno::None);
  EXPECT(store(*space, at + page * kFrameBytes).ok());
  EXPECT(mm::validate(kernel).empty());
}

}  // namespace
}  // namespace pw::test
