// SPDX-License-Identifier: MIT
#include "base/suggest.h"

#include <array>

#include "support/test.h"

namespace pw {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"fifo",    "lru", "clock", "random", "intel-skylake-sp",
                                                    "amd-zen2"};

}  // namespace

PW_TEST(edit_distance_counts_each_kind_of_slip_once) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("abc", ""), 3);
  EXPECT_EQ(edit_distance("clock", "clocks"), 1);
  EXPECT_EQ(edit_distance("clock", "cock"), 1);
  EXPECT_EQ(edit_distance("clock", "click"), 1);
  EXPECT_EQ(edit_distance("lru", "lur"), 1);
  EXPECT_EQ(edit_distance("LRU", "lru"), 0);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

PW_TEST(nearest_name_forgives_a_third_of_the_letters) {
  EXPECT(nearest_name("lur", kNames) == "lru");
  EXPECT(nearest_name("Clok", kNames) == "clock");
  EXPECT(nearest_name("ramdon", kNames) == "random");
  EXPECT(nearest_name("intel-skylak-ps", kNames) == "intel-skylake-sp");
}

PW_TEST(nearest_name_knows_parts_of_names) {
  EXPECT(nearest_name("skylake", kNames) == "intel-skylake-sp");
  EXPECT(nearest_name("zen2", kNames) == "amd-zen2");
}

PW_TEST(nothing_is_suggested_where_nothing_is_near) {
  EXPECT(!nearest_name("xyz", kNames));
  EXPECT(!nearest_name("", kNames));
  EXPECT(!nearest_name("lru", {}));
}

PW_TEST(unknown_name_lists_the_names_and_the_nearest) {
  const Error error = unknown_name("policy", "lur", std::span(kNames).first(3));
  EXPECT_EQ(error.code, ErrorCode::UnknownName);
  EXPECT_EQ(error.message, "policy: expected one of fifo, lru, clock, got \"lur\"; did you mean \"lru\"?");
}

}  // namespace pw
