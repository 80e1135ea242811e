// SPDX-License-Identifier: MIT
// Sampled curves: the same sample with every vector unit, the whole where all is sampled, truth within the bars.
#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "analysis/fixed_size_shards.h"
#include "analysis/page_filter.h"
#include "analysis/page_sample.h"
#include "analysis/sampled_curves.h"
#include "analysis/simulate.h"
#include "support/page_streams.h"

namespace pw::test {
namespace {

using namespace analysis;
using References = std::vector<PageReference>;

// Pages by popularity: the k-th in proportion to 1 / k, roughly, spread over the page numbers.
References skewed(std::uint64_t seed, std::size_t length, std::uint64_t pages) {
  Rng rng(seed);
  References references;
  const double log_pages = std::log(static_cast<double>(pages));
  while (references.size() < length) {
    const auto rank = static_cast<std::uint64_t>(std::exp(rng.unit() * log_pages));
    references.push_back(rank * 7919 % pages + (std::uint64_t{0x7f} << 25));
  }
  return references;
}

CurveRequest request_for(std::string_view policy, std::uint64_t seed, std::uint64_t points) {
  return {.policies = {policy::parse_policy(policy).value()},
          .sizes = {.rule = SizeRule::Points, .points = points, .listed = {}},
          .seed = seed,
          .threads = 1};
}

Result<MissRatioCurve> sampled(CurveSampler& sampler, const References& references) {
  // In uneven pieces, which must not matter.
  std::span<const PageReference> rest = references;
  for (std::size_t piece = 1; !rest.empty(); piece = piece * 3 + 1) {
    sampler.add(rest.first(std::min(piece, rest.size())));
    rest = rest.subspan(std::min(piece, rest.size()));
  }
  PW_TRY_ASSIGN(const std::vector<MissRatioCurve> curves, sampler.curves({}));
  return curves[0];
}

std::vector<double> true_misses(const References& references, std::string_view policy,
                                const std::vector<std::uint64_t>& frames) {
  PageStream stream;
  stream.add(references);
  CurveRequest request = request_for(policy, 0, 2);
  request.sizes = {.rule = SizeRule::Listed, .listed = {}};
  for (const std::uint64_t size : frames) request.sizes.listed.push_back({.count = size});
  return exact_curves(stream, request, {}).value()[0].misses;
}

// Of all sizes of several samples, the share whose bar holds the truth.
double share_within(const References& references, std::string_view policy, const Sampling& sampling,
                    bool is_miniature, std::uint64_t seeds) {
  double within = 0, all = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const CurveRequest request = request_for(policy, seed, 25);
    const auto sampler = is_miniature ? miniature(request, sampling) : shards(request, sampling);
    const auto curve = sampled(*sampler, references);
    REQUIRE(curve.ok());
    const std::vector<double> truth = true_misses(references, policy, curve.value().frames);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      within += std::abs(curve.value().misses[i] - truth[i]) <= curve.value().error_bars[i];
      ++all;
    }
  }
  return within / all;
}

PW_TEST(every_vector_unit_selects_the_same_references) {
  Rng rng(3);
  References references;
  for (int i = 0; i < 10'000; ++i) references.push_back(rng.next() >> rng.below(60));
  for (const HashThreshold threshold : {HashThreshold{0}, HashThreshold{1} << 22, HashThreshold{1} << 31,
                                        HashThreshold{0xf0000000}, kEveryPage - 1, kEveryPage}) {
    References expected;
    const PageFilter filter(hash_key(9, 0), VectorUnit::None);
    for (const PageReference reference : references)
      if (filter.hash_of(reference) < threshold) expected.push_back(reference);
    for (const VectorUnit unit : vector_units())
      for (const std::size_t length :
           {std::size_t{0}, std::size_t{7}, std::size_t{8}, std::size_t{23}, references.size()}) {
        References selected, first(expected.begin(), expected.end());
        PageFilter(hash_key(9, 0), unit).select(std::span(references).first(length), threshold, selected);
        if (length == references.size()) EXPECT(selected == expected);
        EXPECT(std::equal(selected.begin(), selected.end(), expected.begin()));
      }
  }
}

PW_TEST(a_page_is_sampled_whether_it_is_stored_to_or_not) {
  const PageFilter filter(hash_key(1, 0));
  for (std::uint64_t page = 0; page < 1000; ++page)
    EXPECT_EQ(filter.hash_of(page), filter.hash_of(page | kStoreBit));
}

PW_TEST(the_share_of_neighboring_pages_below_a_threshold_is_the_rate) {
  for (const std::uint64_t base : {std::uint64_t{0}, std::uint64_t{0x7ffff7d00}, std::uint64_t{1} << 51}) {
    const PageFilter filter(hash_key(base, 0));
    double below = 0;
    constexpr double kPages = 1'000'000, kRate = 0.01;
    for (std::uint64_t page = 0; page < 1'000'000; ++page)
      below += filter.hash_of(base + page) < static_cast<std::uint64_t>(kRate * 0x1p32);
    EXPECT(std::abs(below / kPages - kRate) < 5 * std::sqrt(kRate / kPages));
  }
}

PW_TEST(a_sample_of_fixed_size_is_that_of_the_rate_it_ends_with) {
  const References references = skewed(5, 200'000, 50'000);
  const PageFilter filter(hash_key(2, 0));
  PageSample fixed(filter, std::uint32_t{700});
  fixed.add(references);
  const PageStream stream = fixed.take();
  EXPECT(stream.pages() <= 700);
  EXPECT(stream.pages() >= 690);
  PageSample same(filter, static_cast<HashThreshold>(fixed.rate() * 0x1p32));
  same.add(references);
  EXPECT_EQ(same.take().references(), stream.references());
}

PW_TEST(a_sample_of_everything_is_exact_and_certain) {
  const References references = random_references(4, 20'000, 300);
  for (const bool is_miniature : {false, true})
    for (const std::string_view policy : {"lru", "s3-fifo"}) {
      if (policy != "lru" && !is_miniature) continue;
      const CurveRequest request = request_for(policy, 1, 30);
      const auto sampler = is_miniature ? miniature(request, {.rate = 1}) : shards(request, {.rate = 1});
      const MissRatioCurve curve = sampled(*sampler, references).value();
      const std::vector<double> truth = true_misses(references, policy, curve.frames);
      for (std::size_t i = 0; i < truth.size(); ++i) {
        EXPECT_EQ(curve.misses[i], truth[i]);
        EXPECT_EQ(curve.error_bars[i], 0);
      }
    }
}

// SHARDS of a fixed size that is never reached: distances are exact, sizes up to 1024 as well.
PW_TEST(a_fixed_size_above_the_number_of_pages_is_exact) {
  const References references = random_references(4, 20'000, 300);
  const CurveRequest request = request_for("lru", 1, 30);
  const MissRatioCurve curve = sampled(*shards(request, {.pages = 4096}), references).value();
  EXPECT_EQ(curve.rate, 1);
  const std::vector<double> truth = true_misses(references, "lru", curve.frames);
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT(std::abs(curve.misses[i] - truth[i]) < 1e-6);
}

PW_TEST(the_truth_is_within_the_bars) {
  const References zipf = skewed(1, 400'000, 60'000);
  EXPECT(share_within(zipf, "lru", {.rate = 0.05}, false, 12) >= 0.93);
  EXPECT(share_within(zipf, "lru", {.pages = 2048}, false, 12) >= 0.93);
  EXPECT(share_within(zipf, "lru", {.rate = 0.05}, true, 4) >= 0.93);
  EXPECT(share_within(zipf, "s3-fifo", {.rate = 0.05}, true, 4) >= 0.93);
  EXPECT(share_within(zipf, "opt", {.pages = 2048}, true, 4) >= 0.93);
}

// A loop's curve is a cliff: what is uncertain is where.
PW_TEST(the_truth_is_within_the_bars_at_a_cliff) {
  References loop;
  for (int round = 0; round < 20; ++round)
    for (std::uint64_t page = 0; page < 20'000; ++page) loop.push_back(page);
  EXPECT(share_within(loop, "lru", {.rate = 0.1}, false, 12) >= 0.93);
  EXPECT(share_within(loop, "lru", {.pages = 1024}, false, 12) >= 0.93);
}

PW_TEST(too_small_a_sample_is_an_error_that_names_a_rate) {
  const References references = skewed(1, 100'000, 10'000);
  const CurveRequest request = request_for("lru", 0, 20);
  for (const bool is_miniature : {false, true}) {
    const Sampling sampling{.rate = 0.001};
    const auto sampler = is_miniature ? miniature(request, sampling) : shards(request, sampling);
    const auto curve = sampled(*sampler, references);
    REQUIRE(!curve.ok());
    EXPECT(curve.error().code == ErrorCode::SampleTooSmall);
    EXPECT(curve.error().message.find("take a rate of 0.") != std::string::npos);
  }
}

PW_TEST(samples_that_cannot_be_are_refused) {
  for (const double rate : {0.0, -0.5, 1.0001, std::nan(""), HUGE_VAL})
    EXPECT(!check_sampling({.rate = rate}).ok());
  EXPECT(!check_sampling({.pages = 255}).ok());
  EXPECT(!check_sampling({.pages = (std::uint64_t{1} << 26) + 1}).ok());
  EXPECT(check_sampling({.rate = 1e-9}).ok());
  EXPECT(!check_shards(policy::parse_policy("arc").value()).ok());
}

PW_TEST(a_sample_of_no_references_is_an_error) {
  const CurveRequest request = request_for("lru", 0, 20);
  EXPECT(shards(request, {.rate = 1})->curves({}).error().code == ErrorCode::TraceEmpty);
  EXPECT(shards(request, {.pages = 300})->curves({}).error().code == ErrorCode::TraceEmpty);
  EXPECT(miniature(request, {.rate = 0.5})->curves({}).error().code == ErrorCode::TraceEmpty);
}

}  // namespace
}  // namespace pw::test
