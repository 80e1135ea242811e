// SPDX-License-Identifier: MIT
#include "phys/memory.h"

#include <array>
#include <map>
#include <string>

#include "base/rng.h"
#include "support/test.h"

namespace pw::phys {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kTop = 1ull << kMaxPhysBits;

}  // namespace

PW_TEST(memory_that_was_never_written_reads_zero_and_costs_nothing) {
  PhysicalMemory memory(1ull << 40);
  EXPECT_EQ(memory.read64(PhysAddr(0)), 0);
  EXPECT_EQ(memory.read64(PhysAddr((1ull << 40) - 8)), 0);
  EXPECT(memory.peek(PhysAddr(4096)) == nullptr);
  memory.zero_frame(FrameIndex(12345));
  memory.copy_frame(FrameIndex(1), FrameIndex(2));
  EXPECT_EQ(memory.committed_bytes(), 0);
}

PW_TEST(one_written_word_commits_a_little) {
  PhysicalMemory memory(1ull << 40);
  memory.write64(PhysAddr(1ull << 39), 7);
  EXPECT_EQ(memory.read64(PhysAddr(1ull << 39)), 7);
  EXPECT(memory.committed_bytes() > 0);
  EXPECT(memory.committed_bytes() <= 2 * kMiB);
  EXPECT_EQ(memory.read64(PhysAddr((1ull << 39) + 8)), 0);
}

PW_TEST(last_word_of_52_bit_memory_is_there_and_the_next_is_not) {
  PhysicalMemory memory(kTop);
  memory.write64(PhysAddr(kTop - 8), 42);
  EXPECT_EQ(memory.read64(PhysAddr(kTop - 8)), 42);
  memory.write64(PhysAddr(kTop), 43);
  EXPECT_EQ(memory.read64(PhysAddr(kTop)), 0);
  EXPECT(memory.word(PhysAddr(kTop)) == nullptr);
  EXPECT(memory.peek(PhysAddr(~7ull)) == nullptr);
  EXPECT_EQ(memory.frames(), 1ull << 40);
}

PW_TEST(writes_beyond_the_end_are_dropped_also_inside_the_last_chunk) {
  PhysicalMemory memory(3 * kFrameBytes);
  memory.write64(PhysAddr(3 * kFrameBytes - 8), 1);
  memory.write64(PhysAddr(3 * kFrameBytes), 2);
  EXPECT_EQ(memory.read64(PhysAddr(3 * kFrameBytes - 8)), 1);
  EXPECT_EQ(memory.read64(PhysAddr(3 * kFrameBytes)), 0);
  memory.zero_frame(FrameIndex(3));
  memory.copy_frame(FrameIndex(2), FrameIndex(3));
  EXPECT_EQ(memory.read64(PhysAddr(4 * kFrameBytes - 8)), 0);
}

PW_TEST(contains_is_exact_and_does_not_overflow) {
  PhysicalMemory memory(8 * kFrameBytes);
  EXPECT(memory.contains(PhysAddr(8 * kFrameBytes - 1)));
  EXPECT(!memory.contains(PhysAddr(8 * kFrameBytes)));
  EXPECT(memory.contains(PhysAddr(7 * kFrameBytes), kFrameBytes));
  EXPECT(!memory.contains(PhysAddr(7 * kFrameBytes + 1), kFrameBytes));
  EXPECT(!memory.contains(PhysAddr(~0ull), 2));
  EXPECT(!memory.contains(PhysAddr(1), ~0ull));
}

PW_TEST(sizes_that_are_not_whole_frames_or_too_large_are_refused) {
  for (std::uint64_t bytes : {0ull, 1ull, 4095ull, 4097ull, kTop + kFrameBytes + 0ull, ~0ull}) {
    const Status status = check_memory_size(bytes);
    REQUIRE(!status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::OutOfRange);
    EXPECT(status.error().message.find(std::to_string(bytes)) != std::string::npos);
  }
  EXPECT(check_memory_size(kFrameBytes).ok());
  EXPECT(check_memory_size(kTop).ok());
}

PW_TEST(word_access_off_its_alignment_is_caught_in_debug_builds) {
#ifdef NDEBUG
  SKIP("PW_DCHECK is off in this build");
#else
  PhysicalMemory memory(kFrameBytes);
  bool caught = false;
  try {
    memory.read64(PhysAddr(4));
  } catch (const InternalError&) {
    caught = true;
  }
  EXPECT(caught);
#endif
}

PW_TEST(bytes_of_any_alignment_cross_chunks_and_stop_at_the_end) {
  PhysicalMemory memory(2 * PhysicalMemory::kChunkBytes);
  std::array<std::byte, 37> in{};
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = std::byte(i + 1);
  for (std::uint64_t start : {std::uint64_t{3}, PhysicalMemory::kChunkBytes - 17, memory.size() - 5}) {
    memory.write(PhysAddr(start), in);
    std::array<std::byte, 41> out;
    out.fill(std::byte{0xee});
    memory.read(PhysAddr(start), out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const bool written = i < in.size() && start + i < memory.size();
      EXPECT_EQ(out[i], written ? in[i] : std::byte{0});
    }
  }
  EXPECT_EQ(memory.read64(PhysAddr(0)), 0x0504030201000000);
}

PW_TEST(copy_and_zero_frame_move_whole_frames_only) {
  PhysicalMemory memory(256 * kMiB);
  const FrameIndex near(2);
  const FrameIndex far(50000);
  for (std::uint64_t offset = 0; offset < 3 * kFrameBytes; offset += 8)
    memory.write64(PhysAddr(kFrameBytes + offset), offset + 1);
  memory.copy_frame(near, far);
  for (std::uint64_t offset = 0; offset < kFrameBytes; offset += 8) {
    EXPECT_EQ(memory.read64(PhysAddr(address_of(far).value() + offset)), kFrameBytes + offset + 1);
  }
  EXPECT_EQ(memory.read64(PhysAddr(address_of(far).value() + kFrameBytes)), 0);
  memory.copy_frame(near, near);
  memory.zero_frame(near);
  EXPECT_EQ(memory.read64(address_of(near)), 0);
  EXPECT_EQ(memory.read64(PhysAddr(2 * kFrameBytes - 8)), kFrameBytes - 7);
  EXPECT_EQ(memory.read64(PhysAddr(3 * kFrameBytes)), 2 * kFrameBytes + 1);
  memory.copy_frame(FrameIndex(33000), far);
  EXPECT_EQ(memory.read64(address_of(far)), 0);
}

PW_TEST(clear_makes_everything_zero_and_gives_memory_back) {
  PhysicalMemory memory(1ull << 36);
  for (std::uint64_t at = 0; at < memory.size(); at += 1ull << 32) memory.write64(PhysAddr(at), at + 1);
  memory.clear();
  EXPECT_EQ(memory.committed_bytes(), 0);
  for (std::uint64_t at = 0; at < memory.size(); at += 1ull << 32) EXPECT_EQ(memory.read64(PhysAddr(at)), 0);
  memory.write64(PhysAddr(8), 5);
  EXPECT_EQ(memory.read64(PhysAddr(8)), 5);
}

PW_TEST(memory_equals_a_map_of_words_on_random_accesses) {
  PhysicalMemory memory(1ull << 45);
  std::map<std::uint64_t, std::uint64_t> twin;
  Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    // A few hundred frames in sixteen chunks, some beyond the end.
    const std::uint64_t address = rng.below(17) << 41 | rng.below(64) << kFrameShift | rng.below(512) * 8;
    if (rng.below(2)) {
      memory.write64(PhysAddr(address), address ^ i);
      if (address < memory.size()) twin[address] = address ^ i;
    }
    const auto known = twin.find(address);
    EXPECT_EQ(memory.read64(PhysAddr(address)), known == twin.end() ? 0 : known->second);
  }
}

PW_TEST(frames_in_use_are_those_that_hold_something_in_order) {
  PhysicalMemory memory(1ull << 36);
  EXPECT(memory.frames_in_use().empty());
  const std::uint64_t used[] = {(1ull << 36) - 8, 0x1ff8, 3ull << 32, 0};
  for (const std::uint64_t at : used) memory.write64(PhysAddr(at), at + 1);
  memory.write64(PhysAddr(0x5000), 1);
  memory.write64(PhysAddr(0x5000), 0);
  EXPECT_EQ(memory.read64(PhysAddr(0x8000)), 0);
  const std::vector<FrameIndex> frames = memory.frames_in_use();
  EXPECT(frames == std::vector<FrameIndex>(
                       {FrameIndex(0), FrameIndex(1), FrameIndex(3 << 20), FrameIndex((1ull << 24) - 1)}));
}

}  // namespace pw::phys
