// SPDX-License-Identifier: MIT
// Reuse histograms and working sets equal what their definitions say, counted the long way.
#include "analysis/reuse.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "analysis/bins.h"
#include "analysis/simulate.h"
#include "support/page_streams.h"

namespace pw::test {
namespace {

using namespace analysis;
using References = std::vector<PageReference>;

PageStream stream_of(const References& references) {
  PageStream stream;
  stream.add(references);
  return stream;
}

struct Naive {
  std::map<std::uint64_t, std::uint64_t> times, distances;
  std::uint64_t first_uses = 0;
};

// By looking back from each reference.
Naive naive_reuse(const References& references) {
  Naive naive;
  for (std::size_t now = 0; now < references.size(); ++now) {
    const std::uint64_t page = references[now] & ~kStoreBit;
    std::set<std::uint64_t> others;
    std::size_t back = now;
    while (back-- > 0 && (references[back] & ~kStoreBit) != page)
      others.insert(references[back] & ~kStoreBit);
    if (back == std::size_t{0} - 1) {
      ++naive.first_uses;
    } else {
      ++naive.times[now - back];
      ++naive.distances[others.size()];
    }
  }
  return naive;
}

double naive_mean_pages(const References& references, std::uint64_t window) {
  double sum = 0;
  for (std::size_t now = 0; now < references.size(); ++now) {
    std::set<std::uint64_t> pages;
    for (std::size_t i = now + 1 > window ? now + 1 - window : 0; i <= now; ++i)
      pages.insert(references[i] & ~kStoreBit);
    sum += static_cast<double>(pages.size());
  }
  return sum / static_cast<double>(references.size());
}

void expect_counts(const Histogram& histogram, const std::map<std::uint64_t, std::uint64_t>& naive,
                   std::uint64_t least) {
  std::map<std::uint64_t, std::uint64_t> rest = naive;
  std::uint64_t next = least;
  for (std::size_t bin = 0; bin < histogram.count.size(); ++bin) {
    EXPECT_EQ(histogram.first[bin], next);
    std::uint64_t count = 0;
    for (; next <= histogram.last[bin]; ++next) {
      count += rest[next];
      rest.erase(next);
    }
    EXPECT_EQ(histogram.count[bin], count);
  }
  EXPECT(rest.empty());
  EXPECT(histogram.count.empty() || histogram.count.back() > 0);
}

PW_TEST(reuse_histograms_are_what_looking_back_counts) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const References references = random_references(seed, 700, 3 + seed * 9);
    const Naive naive = naive_reuse(references);
    for (const std::uint64_t bins : {1, 3, 16}) {
      const Reuse reuse = reuse_of(stream_of(references), {.bins_per_power = bins, .windows = {}}).value();
      EXPECT_EQ(reuse.first_uses, naive.first_uses);
      EXPECT_EQ(reuse.references, references.size());
      expect_counts(reuse.times, naive.times, 1);
      expect_counts(reuse.distances, naive.distances, 0);
    }
  }
}

PW_TEST(working_sets_are_the_distinct_pages_of_a_window) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const References references = random_references(seed, 400, 2 + seed * 11);
    const Naive naive = naive_reuse(references);
    const std::vector<std::uint64_t> windows = {1, 2, 3, 7, 20, 33, 150, 399, 400, 401, 100'000};
    const WorkingSets sets =
        reuse_of(stream_of(references), {.bins_per_power = 1, .windows = windows}).value().working_sets;
    REQUIRE(sets.windows == windows);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      EXPECT(std::abs(sets.mean_pages[i] - naive_mean_pages(references, windows[i])) < 1e-9);
      std::uint64_t misses = naive.first_uses;
      for (const auto& [time, count] : naive.times) misses += time > windows[i] ? count : 0;
      EXPECT_EQ(sets.misses[i], misses);
    }
  }
}

PW_TEST(windows_are_those_of_the_policy_working_set) {
  const References references = random_references(7, 20'000, 200);
  const PageStream stream = stream_of(references);
  const std::vector<std::uint64_t> windows = {1, 10, 100, 1000};
  const WorkingSets sets = reuse_of(stream, {.bins_per_power = 1, .windows = windows}).value().working_sets;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto policy = "working-set:tau=" + std::to_string(windows[i]);
    EXPECT_EQ(sets.misses[i], simulate(stream, policy, {}).value().misses);
  }
}

PW_TEST(bins_have_no_gaps_and_find_their_numbers) {
  for (const bool with_zero : {false, true})
    for (std::uint64_t per_power = 1; per_power <= 64; ++per_power) {
      const Bins bins = Bins::logarithmic(5000, per_power, with_zero);
      for (std::uint64_t number = with_zero ? 0 : 1; number <= 5000; ++number) {
        const std::size_t bin = bins.index_of(number);
        REQUIRE(bin < bins.size());
        EXPECT(bins.first(bin) <= number && number <= bins.last(bin));
      }
    }
  const Bins whole = Bins::logarithmic(~std::uint64_t{0}, 4, true);
  EXPECT_EQ(whole.index_of(~std::uint64_t{0}), whole.size() - 1);
}

PW_TEST(reuse_that_cannot_be_is_refused) {
  const PageStream stream = stream_of({1, 2, 1});
  EXPECT(reuse_of(stream, {.bins_per_power = 0, .windows = {}}).error().code == ErrorCode::OutOfRange);
  EXPECT(reuse_of(stream, {.bins_per_power = 65, .windows = {}}).error().code == ErrorCode::OutOfRange);
  EXPECT(reuse_of(stream, {.windows = {0}}).error().code == ErrorCode::OutOfRange);
  EXPECT(reuse_of(stream, {.windows = {5, 5}}).error().code == ErrorCode::OutOfRange);
  EXPECT(reuse_of(PageStream(), {}).error().code == ErrorCode::TraceEmpty);
}

}  // namespace
}  // namespace pw::test
