// SPDX-License-Identifier: MIT
// Miss-ratio curves from a sample of a stream's pages: LRU's by SHARDS (Waldspurger et al., FAST 2015), any policy's by
// miniature simulation (Waldspurger et al., ATC 2017), which runs the policy with the sampled share of the frames.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "analysis/miss_ratio_curve.h"
#include "analysis/page_stream.h"

namespace pw::analysis {

// What share of the pages is sampled, or at most how many of them: one of the two is 0.
struct Sampling {
  double rate = 0;
  std::uint64_t pages = 0;
};

// InvalidArgument unless SHARDS can tell the policy's curve: it is of LRU only.
Status check_shards(const policy::ParsedPolicy& policy);
// OutOfRange unless 0 < rate <= 1, or the pages are 256 to 2^26.
Status check_sampling(const Sampling& sampling);

class CurveSampler {
 public:
  virtual ~CurveSampler() = default;
  // The stream, in any pieces.
  virtual void add(std::span<const PageReference> references) = 0;
  // By policy, as they stand in the request; called once. Errors: TraceEmpty, SampleTooSmall, OutOfRange, Aborted.
  virtual Result<std::vector<MissRatioCurve>> curves(const Watch& watch) = 0;
};

// REQUIRES: check_sampling(); the request outlives the sampler.
std::unique_ptr<CurveSampler> shards(const CurveRequest& request, const Sampling& sampling);
std::unique_ptr<CurveSampler> miniature(const CurveRequest& request, const Sampling& sampling);

}  // namespace pw::analysis
