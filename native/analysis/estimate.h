// SPDX-License-Identifier: MIT
// Miss ratios estimated from a sample of the pages, and how far they may be off. The sample is divided by hash into
// disjoint parts that are estimated from in the same way: by how much these estimates differ says how certain the
// whole is (subsampling; Politis, Romano, Wolf 1999), and their mean differs from the whole by what the size of
// a sample does to it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"

namespace pw::analysis {

inline constexpr std::uint32_t kSampleParts = 8;
// Fewer sampled pages than these say nothing, not even how wrong they are.
inline constexpr std::uint64_t kLeastSample = 256;

// Misses of all references with so many frames each, in any order. REQUIRES: each at least 1.
using Estimator = std::function<Result<std::vector<double>>(const std::vector<double>& frames)>;

struct SampledEstimators {
  Estimator whole;
  std::vector<Estimator> parts;  // kSampleParts
  double rate = 1;               // sampled share of the pages
  double resolution = 0;         // relative error of a number of frames that the estimators make themselves
};

struct Estimate {
  std::vector<double> misses;
  std::vector<double> error_bars;  // half the width of the 95 % confidence interval of each
};

// REQUIRES: frames >= 1.
Result<Estimate> estimate(const SampledEstimators& estimators, const std::vector<std::uint64_t>& frames,
                          std::uint64_t references);

// SampleTooSmall unless enough pages were sampled, or all of them.
Status check_sample(std::uint64_t sampled_pages, double rate);

}  // namespace pw::analysis
