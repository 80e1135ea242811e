// SPDX-License-Identifier: MIT
// The curve of LRU equals its simulation at every size.
#include "analysis/lru_curve.h"
#include "analysis/simulate.h"
#include "support/page_streams.h"

namespace pw::test {
namespace {

using namespace analysis;

void expect_curve_of_lru(const PageStream& stream, std::uint64_t step) {
  const auto distances = reuse_distances(stream);
  REQUIRE(distances.ok());
  const std::vector<std::uint64_t> misses = distances.value().misses();
  REQUIRE(misses.size() == stream.pages() + 1);
  EXPECT_EQ(misses[0], stream.references());
  EXPECT_EQ(misses.back(), stream.pages());
  for (std::uint64_t frames = 1; frames <= stream.pages(); frames += step) {
    const std::uint64_t simulated = simulate(stream, "lru", {.frames = frames}).value().misses;
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

PW_TEST(the_curve_is_lru_at_every_size_on_random_streams) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    PageStream stream;
    stream.add(random_references(seed, 4000, 5 + seed * 7));
    expect_curve_of_lru(stream, 1);
  }
}

// Long enough that times are made dense many times, and that every level of counts is used.
PW_TEST(the_curve_is_lru_when_times_are_made_dense) {
  expect_curve_of_lru(uniform(1, 400'000, 50), 7);
  expect_curve_of_lru(uniform(2, 400'000, 20'000), 2'777);
  expect_curve_of_lru(uniform(3, 6'000'000, 900'000), 211'111);
}

PW_TEST(the_curve_of_nothing_is_empty) {
  const PageStream stream;
  EXPECT_EQ(reuse_distances(stream).value().misses().size(), 1);
}

}  // namespace
}  // namespace pw::test
