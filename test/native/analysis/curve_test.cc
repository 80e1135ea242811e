// SPDX-License-Identifier: MIT
// The curves of LRU and OPT from one pass equal their simulation at every size.
#include <string_view>

#include "analysis/recency_ranks.h"
#include "analysis/simulate.h"
#include "analysis/stack_distances.h"
#include "support/page_streams.h"

namespace pw::test {
namespace {

using namespace analysis;

// At each size in `step`, the least and the greatest among them.
void expect_curve_of(std::string_view policy, const PageStream& stream, std::uint64_t step) {
  const auto distances = policy == "lru" ? lru_distances(stream) : opt_distances(stream);
  REQUIRE(distances.ok());
  const std::vector<std::uint64_t> misses = distances.value().misses();
  REQUIRE(misses.size() == stream.pages() + 1);
  EXPECT_EQ(misses[0], stream.references());
  EXPECT_EQ(misses.back(), stream.pages());
  for (std::uint64_t frames = 1; frames <= stream.pages(); frames += step) {
    const std::uint64_t simulated = simulate(stream, policy, {.frames = frames}).value().misses;
    EXPECT_EQ(misses[frames], simulated);
  }
}

PageStream uniform(std::uint64_t seed, std::uint64_t references, std::uint64_t pages) {
  Rng rng(seed);
  std::vector<PageReference> list;
  for (std::uint64_t i = 0; i < references; ++i) list.push_back(rng.below(pages));
  PageStream stream;
  stream.add(list);
  return stream;
}

// Rounds over all pages, forwards or to and fro: the worst for LRU, and the worst for marks in order of time.
PageStream rounds(std::uint64_t pages, std::uint64_t count, bool turns) {
  std::vector<PageReference> list;
  for (std::uint64_t round = 0; round < count; ++round)
    for (std::uint64_t i = 0; i < pages; ++i) list.push_back(turns && round % 2 == 1 ? pages - 1 - i : i);
  PageStream stream;
  stream.add(list);
  return stream;
}

PW_TEST(the_curves_are_simulations_at_every_size_on_random_streams) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    PageStream stream;
    stream.add(random_references(seed, 4000, 5 + seed * 7));
    expect_curve_of("lru", stream, 1);
    expect_curve_of("opt", stream, 1);
  }
}

PW_TEST(the_curves_are_simulations_on_loops) {
  for (const bool turns : {false, true}) {
    const PageStream stream = rounds(150, 20, turns);
    expect_curve_of("lru", stream, 1);
    expect_curve_of("opt", stream, 1);
  }
}

// Long enough that times are made dense many times, and that every level of counts is used.
PW_TEST(the_curves_are_simulations_when_times_are_made_dense) {
  expect_curve_of("lru", uniform(1, 400'000, 50), 7);
  expect_curve_of("lru", uniform(2, 400'000, 20'000), 2'777);
  expect_curve_of("lru", uniform(3, 6'000'000, 900'000), 211'111);
  expect_curve_of("opt", uniform(1, 100'000, 50), 7);
  expect_curve_of("opt", uniform(2, 200'000, 20'000), 2'777);
  expect_curve_of("opt", uniform(3, 1'000'000, 200'000), 61'111);
}

// So many pages that the highest level has more than one vector of counts.
PW_TEST(distances_are_right_among_millions_of_pages) {
  constexpr std::uint32_t kPages = 3'000'000;
  RecencyRanks ranks(kPages, kPages);
  std::uint64_t wrong = 0;
  for (std::uint32_t page = 0; page < kPages; ++page) wrong += ranks.use(page) != RecencyRanks::kNever;
  for (std::uint32_t page = 0; page < kPages; ++page) wrong += ranks.use(page) != kPages - 1;
  for (std::uint32_t i = 0; i < kPages; ++i) wrong += ranks.use(kPages - 1 - i) != i;
  EXPECT_EQ(wrong, 0);
}

PW_TEST(every_vector_unit_gives_the_same_curve) {
  const PageStream stream = uniform(5, 300'000, 50'000);
  const auto expected = lru_distances(stream, {}, VectorUnit::None);
  REQUIRE(expected.ok());
  for (const VectorUnit unit : vector_units()) {
    const auto distances = lru_distances(stream, {}, unit);
    REQUIRE(distances.ok());
    EXPECT(distances.value().misses() == expected.value().misses());
  }
}

PW_TEST(the_curve_of_nothing_is_empty) {
  const PageStream stream;
  EXPECT_EQ(lru_distances(stream).value().misses().size(), 1);
  EXPECT_EQ(opt_distances(stream).value().misses().size(), 1);
}

}  // namespace
}  // namespace pw::test
