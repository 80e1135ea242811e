// SPDX-License-Identifier: MIT
#include "analysis/miss_ratio_curve.h"

#include <algorithm>
#include <string>

#include "analysis/stack_distances.h"

namespace pw::analysis {
namespace {

using DistancesOf = Result<StackDistances> (*)(const PageStream&, const Watch&);

// The pass that gives a policy's misses at every size; none for policies that have to be simulated.
DistancesOf one_pass_of(const policy::ParsedPolicy& policy) {
  if (policy.entry->info.name == "lru")
    return [](const PageStream& stream, const Watch& watch) { return lru_distances(stream, watch); };
  if (policy.entry->info.name == "opt") return opt_distances;
  return nullptr;
}

MissRatioCurve at_sizes(const std::vector<std::uint64_t>& misses, std::vector<std::uint64_t> sizes) {
  MissRatioCurve curve{.frames = std::move(sizes), .misses = {}, .error_bars = {}};
  for (const std::uint64_t frames : curve.frames)
    curve.misses.push_back(static_cast<double>(misses[std::min<std::uint64_t>(frames, misses.size() - 1)]));
  return curve;
}

// What is simulated: the request's policies that have no other way, at each size but 0.
Comparison simulations_of(const PageStream& stream, const CurveRequest& request) {
  Comparison comparison{.policies = {}, .frames = {}, .seed = request.seed, .threads = request.threads};
  for (const policy::ParsedPolicy& policy : request.policies)
    if (!one_pass_of(policy)) comparison.policies.push_back(policy);
  for (const std::uint64_t frames : sizes_of(request.sizes, stream.pages(), SizeCost::Simulation))
    if (frames > 0) comparison.frames.push_back({.count = frames});
  return comparison;
}

Result<MissRatioCurve> stack_curve(DistancesOf distances_of, const PageStream& stream,
                                   const CurveSizes& sizes, const Watch& watch) {
  PW_TRY_ASSIGN(const StackDistances distances, distances_of(stream, watch));
  return at_sizes(distances.misses(), sizes_of(sizes, stream.pages(), SizeCost::Free));
}

// One policy's outcomes at ascending sizes.
MissRatioCurve simulated_curve(std::span<const Compared> outcomes, const PageStream& stream, SizeRule rule) {
  MissRatioCurve curve;
  if (rule == SizeRule::Every)
    curve = {.frames = {0}, .misses = {static_cast<double>(stream.references())}, .error_bars = {}};
  for (const Compared& one : outcomes) {
    curve.frames.push_back(one.frames);
    curve.misses.push_back(static_cast<double>(one.outcome.misses));
  }
  return curve;
}

}  // namespace

Status check_has_curve(const policy::ParsedPolicy& policy) {
  if (policy.entry->info.allocation == policy::Allocation::Fixed) return Done{};
  return Error{ErrorCode::InvalidArgument,
               "policy: expected one that is given a number of frames; " +
                   std::string(policy.entry->info.name) +
                   " decides for itself how many pages are resident, so it has no curve (compare shows it)"};
}

Result<std::vector<MissRatioCurve>> exact_curves(const PageStream& stream, const CurveRequest& request,
                                                 const Watch& watch) {
  if (stream.pages() == 0)
    return Error{ErrorCode::TraceEmpty,
                 "the curve: expected references, but the trace has none of those selected"};
  for (const policy::ParsedPolicy& policy : request.policies) PW_TRY(check_has_curve(policy));
  const Comparison comparison = simulations_of(stream, request);
  std::vector<Compared> simulated;
  if (!comparison.policies.empty()) {
    PW_TRY_ASSIGN(simulated, compare(stream, comparison, watch));
  }
  std::span<const Compared> rest = simulated;
  std::vector<MissRatioCurve> curves;
  for (const policy::ParsedPolicy& policy : request.policies) {
    if (const DistancesOf one_pass = one_pass_of(policy)) {
      PW_TRY_ASSIGN(MissRatioCurve curve, stack_curve(one_pass, stream, request.sizes, watch));
      curves.push_back(std::move(curve));
    } else {
      curves.push_back(simulated_curve(rest.first(comparison.frames.size()), stream, request.sizes.rule));
      rest = rest.subspan(comparison.frames.size());
    }
  }
  for (MissRatioCurve& curve : curves) curve.pages = curve.sampled_pages = stream.pages();
  return curves;
}

std::uint64_t work_of(const PageStream& stream, const CurveRequest& request) {
  const auto passes = static_cast<std::uint64_t>(std::ranges::count_if(
      request.policies, [](const auto& policy) { return one_pass_of(policy) != nullptr; }));
  return passes * stream.references() + work_of(stream, simulations_of(stream, request));
}

}  // namespace pw::analysis
