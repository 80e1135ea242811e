// SPDX-License-Identifier: MIT
// Misses of a policy by number of frames: counted, or estimated from a sample of the pages.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/curve_sizes.h"
#include "base/result.h"

namespace pw::analysis {

struct MissRatioCurve {
  std::vector<std::uint64_t> frames;  // ascending
  std::vector<double> misses;         // of all references, by the same index
  std::vector<double> error_bars;  // half the width of the 95 % confidence interval of each; none if counted
  std::uint64_t pages = 0;         // of the stream; from a sample an estimate
  std::uint64_t sampled_pages = 0;
  double rate = 1;  // sampled share of the pages
};

struct CurveRequest {
  std::vector<policy::ParsedPolicy> policies;
  CurveSizes sizes;
  std::uint64_t seed = 0;
  unsigned threads = 0;  // 0: as many as the host has cores
};

// InvalidArgument for a policy that decides for itself how many pages are resident: it has no curve.
Status check_has_curve(const policy::ParsedPolicy& policy);

// By policy, as they stand in the request: the curves of LRU and OPT from one pass each, the others simulated at each size.
// Errors: TraceEmpty for a stream of nothing, OutOfRange, Aborted.
Result<std::vector<MissRatioCurve>> exact_curves(const PageStream& stream, const CurveRequest& request,
                                                 const Watch& watch);
// References that exact_curves() will serve, for progress.
std::uint64_t work_of(const PageStream& stream, const CurveRequest& request);

}  // namespace pw::analysis
