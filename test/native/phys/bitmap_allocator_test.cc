// SPDX-License-Identifier: MIT
#include "phys/bitmap_allocator.h"

#include <string>

#include "phys/allocators.h"
#include "support/test.h"

namespace pw::phys {
namespace {

constexpr std::uint64_t kTiB = 1ull << 40;

BitmapAllocator of_frames(std::uint64_t frames) {
  return BitmapAllocator(MemoryMap::flat(frames * kFrameBytes));
}

void expect_error(const Status& status, ErrorCode code, const std::string& part) {
  REQUIRE(!status.ok());
  EXPECT_EQ(status.error().code, code);
  if (status.error().message.find(part) == std::string::npos) EXPECT_EQ(status.error().message, part);
}

}  // namespace

PW_TEST(memory_of_one_frame_gives_it_once) {
  auto allocator = of_frames(1);
  EXPECT(allocator.allocate() == FrameIndex(0));
  EXPECT(!allocator.allocate());
  EXPECT(!allocator.allocate(0, End::High));
  EXPECT(!allocator.allocate(1));
  EXPECT(allocator.free(FrameIndex(0)).ok());
  EXPECT(!allocator.allocate(1));
  EXPECT(allocator.allocate(0, End::High) == FrameIndex(0));
  EXPECT(allocator.validate().empty());
}

PW_TEST(ends_meet_in_the_middle) {
  auto allocator = of_frames(130);
  for (std::uint64_t i = 0; i < 65; ++i) {
    EXPECT(allocator.allocate(0, End::Low) == FrameIndex(i));
    EXPECT(allocator.allocate(0, End::High) == FrameIndex(129 - i));
  }
  EXPECT_EQ(allocator.free_count(), 0);
  EXPECT(!allocator.allocate());
}

PW_TEST(double_free_names_the_frame) {
  auto allocator = of_frames(100);
  expect_error(allocator.free(FrameIndex(7)), ErrorCode::DoubleFree, "frame 7 ");
  REQUIRE(allocator.allocate_at(FrameIndex(0), 20).ok());
  REQUIRE(allocator.free(FrameIndex(13)).ok());
  expect_error(allocator.free(FrameIndex(13)), ErrorCode::DoubleFree, "frame 13 ");
  expect_error(allocator.free_run(FrameIndex(4), 12), ErrorCode::DoubleFree, "frame 13 ");
  EXPECT_EQ(allocator.free_count(), 81);
}

PW_TEST(foreign_frames_are_refused_by_name) {
  BitmapAllocator allocator(MemoryMap({{PhysAddr(0), 10 * kFrameBytes, RangeKind::Usable},
                                       {PhysAddr(10 * kFrameBytes), kFrameBytes, RangeKind::Reserved},
                                       {PhysAddr(11 * kFrameBytes), 9 * kFrameBytes, RangeKind::Usable}}));
  expect_error(allocator.free(FrameIndex(20)), ErrorCode::ForeignFrame, "got frame 20");
  expect_error(allocator.free(FrameIndex(~0ull)), ErrorCode::ForeignFrame, "below 20");
  expect_error(allocator.free(FrameIndex(10)), ErrorCode::ForeignFrame, "reserves frame 10");
  expect_error(allocator.allocate_at(FrameIndex(9), 3), ErrorCode::ForeignFrame, "reserves frame 10");
  expect_error(allocator.allocate_at(FrameIndex(15), ~0ull), ErrorCode::ForeignFrame, "got frame 20");
  EXPECT_EQ(allocator.free_count(), 19);
  EXPECT(allocator.validate().empty());
}

PW_TEST(allocate_at_refuses_a_frame_in_use_and_takes_none) {
  auto allocator = of_frames(100);
  REQUIRE(allocator.allocate_at(FrameIndex(50)).ok());
  expect_error(allocator.allocate_at(FrameIndex(40), 20), ErrorCode::AlreadyAllocated, "frame 50 ");
  EXPECT(allocator.is_free(FrameIndex(40)));
  EXPECT_EQ(allocator.free_count(), 99);
}

PW_TEST(empty_and_misaligned_runs_are_refused) {
  auto allocator = of_frames(100);
  expect_error(allocator.allocate_at(FrameIndex(0), 0), ErrorCode::OutOfRange, "at least 1");
  expect_error(allocator.free_run(FrameIndex(0), 0), ErrorCode::OutOfRange, "at least 1");
  expect_error(allocator.free(FrameIndex(3), 1), ErrorCode::InvalidArgument, "2^1 frames, got frame 3");
  expect_error(allocator.free(FrameIndex(0), 64), ErrorCode::InvalidArgument, "2^64");
  EXPECT(!allocator.allocate(64));
  EXPECT(!allocator.allocate_run(101, 1));
  EXPECT(!allocator.allocate_run(1ull << 63, 1ull << 63));
}

PW_TEST(huge_runs_are_aligned_and_skip_what_is_used) {
  auto allocator = of_frames(kTiB / kFrameBytes);
  REQUIRE(allocator.allocate_at(FrameIndex(5)).ok());
  EXPECT(allocator.allocate(9) == FrameIndex(512));
  EXPECT(allocator.allocate(18) == FrameIndex(1 << 18));
  EXPECT(allocator.allocate(18, End::High) == FrameIndex((1ull << 28) - (1 << 18)));
  EXPECT(allocator.allocate(9, End::High) == FrameIndex((1ull << 28) - (1 << 18) - 512));
  EXPECT(allocator.allocate(28) == std::nullopt);
  EXPECT(allocator.allocate_run(1000, 512) == FrameIndex(1024));
  EXPECT(allocator.free(FrameIndex(1 << 18), 18).ok());
  EXPECT(allocator.allocate(18) == FrameIndex(1 << 18));
}

PW_TEST(whole_memory_is_one_run_where_its_size_is_a_power_of_two) {
  for (unsigned order : {0u, 5u, 6u, 7u, 12u, 18u}) {
    auto allocator = of_frames(1ull << order);
    EXPECT(allocator.allocate(order, End::High) == FrameIndex(0));
    EXPECT_EQ(allocator.free_count(), 0);
    EXPECT(!allocator.allocate());
    EXPECT(allocator.free(FrameIndex(0), order).ok());
    EXPECT(allocator.validate().empty());
  }
}

PW_TEST(frames_freed_one_by_one_make_the_largest_run_again) {
  auto allocator = of_frames(1 << 18);
  for (std::uint64_t i = 0; i < allocator.frames(); ++i) REQUIRE(allocator.allocate() == FrameIndex(i));
  EXPECT(allocator.validate().empty());
  EXPECT(!allocator.allocate(0, End::High));
  for (std::uint64_t i = 0; i < allocator.frames(); ++i) REQUIRE(allocator.free(FrameIndex(i)).ok());
  EXPECT(allocator.validate().empty());
  EXPECT(allocator.allocate(18) == FrameIndex(0));
}

PW_TEST(largest_memory_boots_and_serves_both_ends) {
  auto allocator = of_frames(1ull << 40);
  EXPECT(allocator.allocate() == FrameIndex(0));
  EXPECT(allocator.allocate(0, End::High) == FrameIndex((1ull << 40) - 1));
  EXPECT(allocator.allocate(30) == FrameIndex(1ull << 30));
  EXPECT(allocator.free(FrameIndex((1ull << 40) - 1)).ok());
}

PW_TEST(allocator_table_finds_by_name) {
  REQUIRE(find_allocator("bitmap") != nullptr);
  EXPECT(find_allocator("bitmop") == nullptr);
  for (const AllocatorInfo& info : allocators()) {
    EXPECT(!info.summary.empty());
    EXPECT_EQ(info.make(MemoryMap::flat(kFrameBytes))->frames(), 1);
  }
}

}  // namespace pw::phys
