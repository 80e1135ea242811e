// SPDX-License-Identifier: MIT
#include "base/host_pages.h"

#include <cstdint>
#include <utility>

#include "base/lazy_array.h"
#include "support/test.h"

namespace pw {

PW_TEST(host_pages_are_zero_whatever_was_there_before) {
  for (std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{5000}, std::size_t{1} << 20}) {
    for (int round = 0; round < 3; ++round) {
      auto* block = static_cast<unsigned char*>(map_host_pages(bytes));
      for (std::size_t i = 0; i < bytes; i += 100) {
        EXPECT_EQ(block[i], 0);
        block[i] = 0xff;
      }
      unmap_host_pages(block, bytes);
    }
  }
  unmap_host_pages(nullptr, 0);
  unmap_host_pages(nullptr, 1 << 20);
}

PW_TEST(untouched_host_pages_are_not_resident) {
  constexpr std::size_t kBytes = std::size_t{1} << 30;
  auto* block = static_cast<unsigned char*>(map_host_pages(kBytes));
  EXPECT_EQ(resident_host_bytes(block, kBytes), 0);
  block[kBytes / 2] = 1;
  EXPECT(resident_host_bytes(block, kBytes) > 0);
  EXPECT(resident_host_bytes(block, kBytes) <= std::size_t{4} << 20);
  unmap_host_pages(block, kBytes);
}

PW_TEST(ranges_that_fill_from_one_end_are_mapped_in_whole_and_given_back_in_whole) {
  for (const Fills fills : {Fills::Upward, Fills::Downward})
    for (const std::size_t bytes : {std::size_t{2'359'295}, std::size_t{2'359'296}, std::size_t{4'194'305},
                                    (std::size_t{1} << 30) + 77'777}) {
      auto* first = static_cast<unsigned char*>(map_host_pages(bytes, fills));
      auto* second = static_cast<unsigned char*>(map_host_pages(bytes, fills));
      for (const std::size_t at : {std::size_t{0}, bytes / 2, bytes - 1}) {
        EXPECT_EQ(first[at], 0);
        first[at] = second[at] = 0xff;
      }
      unmap_host_pages(first, bytes);
      EXPECT_EQ(second[0], 0xff);
      EXPECT_EQ(second[bytes - 1], 0xff);
      unmap_host_pages(second, bytes);
      auto* again = static_cast<unsigned char*>(map_host_pages(bytes, fills));
      EXPECT_EQ(again[0], 0);
      EXPECT_EQ(again[bytes - 1], 0);
      unmap_host_pages(again, bytes);
    }
}

PW_TEST(ranges_that_fill_from_one_end_begin_with_small_pages) {
  constexpr std::size_t kBytes = std::size_t{1} << 30;
  constexpr std::size_t kLittle = std::size_t{128} << 10;
  for (const Fills fills : {Fills::Upward, Fills::Downward}) {
    auto* block = static_cast<unsigned char*>(map_host_pages(kBytes, fills));
    for (std::size_t i = 0; i < kLittle; i += 4096) block[fills == Fills::Upward ? i : kBytes - 1 - i] = 1;
    EXPECT(resident_host_bytes(block, kBytes) <= 2 * kLittle);
    unmap_host_pages(block, kBytes);
  }
}

PW_TEST(lazy_array_is_zero_and_may_exceed_host_memory) {
  LazyArray<std::uint64_t> array(std::size_t{1} << 40);
  EXPECT_EQ(array[(std::size_t{1} << 40) - 1], 0);
  array[123456789012] = 5;
  LazyArray<std::uint64_t> moved = std::move(array);
  EXPECT_EQ(moved[123456789012], 5);
  moved = LazyArray<std::uint64_t>(3);
  EXPECT_EQ(moved[2], 0);
}

}  // namespace pw
