// SPDX-License-Identifier: MIT
#include "phys/memory_map.h"

#include <string>

#include "support/test.h"

namespace pw::phys {
namespace {

MemoryRange frames(std::uint64_t first, std::uint64_t count, RangeKind kind = RangeKind::Usable) {
  return {PhysAddr(first * kFrameBytes), count * kFrameBytes, kind};
}

bool mentions(const std::vector<Error>& errors, const std::string& text) {
  for (const Error& error : errors) {
    if (error.message.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

PW_TEST(gaps_holes_and_reserved_ranges_are_unusable_and_joined) {
  const MemoryMap map(
      {frames(2, 3), frames(5, 1, RangeKind::Reserved), frames(8, 2, RangeKind::Hole), frames(10, 6)});
  EXPECT_EQ(map.frames(), 16);
  EXPECT_EQ(map.usable_frames(), 9);
  const std::vector<FrameRange> expected = {{FrameIndex(0), 2}, {FrameIndex(5), 5}};
  EXPECT(map.unusable() == expected);
}

PW_TEST(flat_map_is_usable_throughout) {
  const MemoryMap map = MemoryMap::flat(1ull << kMaxPhysBits);
  EXPECT_EQ(map.frames(), 1ull << 40);
  EXPECT_EQ(map.usable_frames(), 1ull << 40);
  EXPECT(map.unusable().empty());
}

PW_TEST(every_violation_of_a_memory_map_is_reported) {
  const std::vector<MemoryRange> ranges = {
      frames(4, 4, RangeKind::Reserved),
      frames(7, 2, RangeKind::Hole),                               // overlaps
      {PhysAddr(0x9001), 4096, RangeKind::Reserved},               // start not aligned
      {PhysAddr(0x20000), 100, RangeKind::Reserved},               // not whole frames
      {PhysAddr(0x30000), 0, RangeKind::Reserved},                 // empty
      {PhysAddr((1ull << 52) - 4096), 8192, RangeKind::Reserved},  // beyond the end
      {PhysAddr(0), 4096, RangeKind::Reserved},                    // out of order
  };
  const std::vector<Error> errors = check(ranges);
  EXPECT_EQ(errors.size(), 7);
  EXPECT(mentions(
      errors, "range 1: expected a start at or after 0x8000, the end of the range before it, got 0x7000"));
  EXPECT(mentions(errors, "range 2: expected a start on a frame boundary, got 0x9001"));
  EXPECT(mentions(errors, "range 3: expected whole frames of 4096 bytes, got 100"));
  EXPECT(mentions(errors, "range 4: expected at least one frame"));
  EXPECT(mentions(errors, "range 5: expected an end of at most 2^52"));
  EXPECT(mentions(errors, "range 6: expected a start at or after"));
  EXPECT(mentions(errors, "expected a usable range, got none"));
}

PW_TEST(empty_memory_map_is_refused) { EXPECT_EQ(check({}).size(), 1); }

PW_TEST(correct_memory_map_has_no_violation) {
  const std::vector<MemoryRange> ranges = {frames(0, 1, RangeKind::Reserved), frames(1, 9), frames(100, 1)};
  EXPECT(check(ranges).empty());
}

}  // namespace pw::phys
