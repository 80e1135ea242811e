// SPDX-License-Identifier: MIT
#include "os/files.h"

#include <array>

#include "mm/fault/chain.h"
#include "os/process_table.h"
#include "support/test.h"

namespace pw::test {
namespace {

using mm::Errno;
using os::Process;
namespace abi = mm::abi;
namespace flag = os::file_flag;

struct NoTranslations final : mm::SpaceTranslations {
  void forget(mm::SpaceId, VirtPage) override {}
  void forget_all(mm::SpaceId) override {}
};

struct Shared {
  Shared()
      : kernel({.memory_bytes = 256 * kFrameBytes}, translations),
        processes(kernel),
        files(kernel),
        first(*processes.create({})),
        second(*processes.create({})) {}
  // The frame that a page is in, after a store to it.
  std::uint64_t frame_at(Process& process, std::uint64_t address) {
    const VirtPage page = page_of(VirtAddr(address));
    if (!mm::is_resolved(mm::fault_in(process.space(), page, true))) return ~0ull;
    return mm::leaf::frame_of(paging::Entry(*process.space().find_leaf(page)->slot)).value();
  }
  mm::CallResult map(Process& process, std::uint64_t descriptor, std::uint64_t pages) {
    return files.mmap(process, {.length = pages * kFrameBytes, .protection = 3, .flags = abi::kMapShared},
                      descriptor);
  }

  NoTranslations translations;
  mm::Kernel kernel;
  os::ProcessTable processes;
  os::Files files;
  Process& first;
  Process& second;
};

PW_TEST(shared_memory_is_shared_by_name_until_its_last_user_is_gone) {
  Shared shared;
  EXPECT(shared.files.shm_open(shared.first, "/a", flag::kReadWrite).error == Errno::Enoent);
  const auto one = shared.files.shm_open(shared.first, "/a", flag::kReadWrite | flag::kCreate);
  const auto two = shared.files.shm_open(shared.second, "/a", flag::kReadWrite);
  EXPECT(one.ok() && two.ok());
  EXPECT(
      shared.files.shm_open(shared.first, "/a", flag::kReadWrite | flag::kCreate | flag::kExclusive).error ==
      Errno::Eexist);
  EXPECT(shared.files.ftruncate(shared.first, one.value, 2 * kFrameBytes) == Errno::None);
  const auto here = shared.map(shared.first, one.value, 2);
  const auto there = shared.map(shared.second, two.value, 2);
  const std::uint64_t frame = shared.frame_at(shared.first, here.value);
  EXPECT(frame != ~0ull);
  EXPECT_EQ(shared.frame_at(shared.second, there.value), frame);
  EXPECT(shared.files.shm_unlink("/a") == Errno::None && shared.files.shm_unlink("/a") == Errno::Enoent);
  EXPECT(shared.files.close(shared.first, one.value) == Errno::None);
  EXPECT(shared.files.close(shared.first, one.value) == Errno::Ebadf);
  shared.processes.end(shared.first);
  EXPECT_EQ(shared.kernel.counters().resident_pages, 1);
  shared.processes.end(shared.second);
  EXPECT_EQ(shared.kernel.counters().resident_pages, 0);
}

PW_TEST(descriptors_are_inherited_and_read_only_ones_give_no_writable_mapping) {
  Shared shared;
  EXPECT(shared.files.create("data", 3 * kFrameBytes) == Errno::None);
  EXPECT(shared.files.create("data", 1) == Errno::Eexist);
  const auto file = shared.files.open(shared.first, "data", flag::kReadOnly);
  EXPECT(shared.map(shared.first, file.value, 1).error == Errno::Eacces);
  EXPECT(shared.map(shared.first, 77, 1).error == Errno::Ebadf);
  EXPECT(shared.files.ftruncate(shared.first, file.value, 0) == Errno::Einval);
  const auto memory = shared.files.memfd_create(shared.first, "m");
  EXPECT_EQ(memory.value, file.value + 1);
  EXPECT(shared.files.ftruncate(shared.first, memory.value, 1ull << 63) == Errno::Einval);
  EXPECT(shared.files.ftruncate(shared.first, memory.value, kFrameBytes) == Errno::None);
  Process* const child = shared.processes.fork(shared.first);
  const auto here = shared.map(shared.first, memory.value, 1);
  const auto there = shared.map(*child, memory.value, 1);
  EXPECT_EQ(shared.frame_at(shared.first, here.value), shared.frame_at(*child, there.value));
}

PW_TEST(system_v_segments_live_until_they_are_removed_and_detached) {
  Shared shared;
  EXPECT(shared.files.shmget(shared.first, 5, 100, 0).error == Errno::Enoent);
  EXPECT(shared.files.shmget(shared.first, 5, 0, flag::kIpcCreate).error == Errno::Einval);
  const auto id = shared.files.shmget(shared.first, 5, 5000, flag::kIpcCreate);
  EXPECT_EQ(shared.kernel.commit().committed(), 2);
  EXPECT(shared.files.shmget(shared.second, 5, 5000, 0).value == id.value);
  EXPECT(shared.files.shmget(shared.second, 5, 9000, 0).error == Errno::Einval);
  EXPECT(shared.files.shmget(shared.second, 5, 1, flag::kIpcCreate | flag::kIpcExclusive).error ==
         Errno::Eexist);
  EXPECT(shared.files.shmat(shared.first, id.value + 1, 0, 0).error == Errno::Einval);
  EXPECT(shared.files.shmat(shared.first, id.value, 0x10000001, 0).error == Errno::Einval);
  const auto here = shared.files.shmat(shared.first, id.value, 0x10000001, flag::kShmRound);
  EXPECT_EQ(here.value, 0x10000000);
  EXPECT(shared.files.shmat(shared.first, id.value, here.value, 0).error == Errno::Einval);
  const auto there = shared.files.shmat(shared.second, id.value, 0, 0);
  EXPECT_EQ(shared.frame_at(shared.first, here.value), shared.frame_at(shared.second, there.value));
  EXPECT(shared.files.shm_remove(id.value) == Errno::None);
  EXPECT(shared.files.shmget(shared.first, 5, 100, 0).error == Errno::Enoent);
  EXPECT(shared.files.shmdt(shared.first, here.value + kFrameBytes) == Errno::Einval);
  EXPECT(shared.files.shmdt(shared.first, here.value) == Errno::None);
  EXPECT_EQ(shared.files.segments(), 1);
  EXPECT(shared.files.shmdt(shared.second, there.value) == Errno::None);
  EXPECT_EQ(shared.files.segments(), 0);
  EXPECT_EQ(shared.kernel.counters().resident_pages, 0);
  EXPECT_EQ(shared.kernel.commit().committed(), 0);
}

}  // namespace
}  // namespace pw::test
