// SPDX-License-Identifier: MIT
#include "support/test.h"
#include "tlb/config.h"

namespace pw::test {
namespace {

using namespace tlb;

TlbConfig tlb_of(std::uint32_t entries, std::uint32_t ways) {
  return {"l1d", 1, {false, true, true, true}, {ArrayConfig{entries, ways, {true, false, false}}}};
}
ErrorCode only_error(const HierarchyConfig& config, const std::string& expected_in_message) {
  const auto errors = check(config);
  REQUIRE(errors.size() == 1);
  EXPECT(errors[0].message.find(expected_in_message) != std::string::npos);
  return errors[0].code;
}

PW_TEST(any_whole_number_of_sets_is_legal) {
  for (const auto& [entries, ways] : {std::pair{1u, 1u}, {1536u, 12u}, {64u, 64u}, {7u, 1u}, {100u, 50u}})
    EXPECT(check(HierarchyConfig{{tlb_of(entries, ways)}}).empty());
  EXPECT(check(HierarchyConfig{}).empty());
}
PW_TEST(entries_that_are_no_whole_number_of_sets_are_refused_with_both_numbers) {
  EXPECT_EQ(only_error({{tlb_of(65, 4)}}, "got 65 entries in 4 ways"), ErrorCode::InvalidGeometry);
  EXPECT_EQ(only_error({{tlb_of(4, 8)}}, "tlb l1d"), ErrorCode::InvalidGeometry);
}
PW_TEST(no_entries_and_no_ways_are_refused) {
  EXPECT_EQ(only_error({{tlb_of(0, 4)}}, "at least one"), ErrorCode::InvalidGeometry);
  EXPECT_EQ(only_error({{tlb_of(4, 0)}}, "at least one"), ErrorCode::InvalidGeometry);
}
PW_TEST(tree_plru_has_at_most_64_ways) {
  EXPECT(check(HierarchyConfig{{tlb_of(64, 64)}, WayChoice::TreePlru}).empty());
  EXPECT_EQ(only_error({{tlb_of(65, 65)}, WayChoice::TreePlru}, "64 ways"), ErrorCode::InvalidGeometry);
  EXPECT(check(HierarchyConfig{{tlb_of(65, 65)}, WayChoice::Lru}).empty());
}
PW_TEST(levels_are_1_to_4) {
  for (const unsigned level : {0u, 5u}) {
    TlbConfig tlb = tlb_of(4, 4);
    tlb.level = level;
    EXPECT_EQ(only_error({{tlb}}, "level"), ErrorCode::InvalidConfig);
  }
}
PW_TEST(two_tlbs_of_a_level_may_not_serve_one_kind) {
  TlbConfig other = tlb_of(4, 4);
  other.name = "l1s";
  other.kinds = {false, false, true, false};
  EXPECT_EQ(only_error({{tlb_of(4, 4), other}}, "store"), ErrorCode::InvalidConfig);
  other.level = 2;
  EXPECT(check(HierarchyConfig{{tlb_of(4, 4), other}}).empty());
}
PW_TEST(two_arrays_may_not_serve_one_page_size) {
  TlbConfig tlb = tlb_of(4, 4);
  tlb.arrays.push_back(tlb.arrays[0]);
  EXPECT_EQ(only_error({{tlb}}, "4KiB"), ErrorCode::InvalidConfig);
}
PW_TEST(every_violation_is_reported_not_the_first) {
  TlbConfig broken = tlb_of(65, 4);
  broken.level = 9;
  broken.arrays.push_back(broken.arrays[0]);
  EXPECT_EQ(check(HierarchyConfig{{broken}}).size(), 4);
  EXPECT_EQ(check(StructureCacheConfig{1u << 30, 1u << 30, 32}).size(), 2);
  EXPECT(check(StructureCacheConfig{0, 0, 0}).empty());
}

}  // namespace
}  // namespace pw::test
