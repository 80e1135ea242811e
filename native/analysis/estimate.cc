// SPDX-License-Identifier: MIT
#include "analysis/estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace pw::analysis {
namespace {

constexpr double kParts = kSampleParts;
constexpr double kStudent = 2.365;  // two-sided 95 % of Student's t with kSampleParts - 1 degrees of freedom

// By how much a number of frames may be off: where a part would have only a few frames, their number in the sample is
// uncertain by twice the deviation of the binomial distribution.
double uncertain_frames(double frames, const SampledEstimators& estimators) {
  const double rate = estimators.rate;
  const double few = frames * rate < 4 * kParts ? 2 * std::sqrt(frames * (1 - rate) / rate) : 0;
  return few + estimators.resolution * frames;
}

// Of one size, from the estimates of the parts.
double spread(double whole, const std::vector<std::vector<double>>& parts, std::size_t index, double rate) {
  double mean = 0, squares = 0;
  for (const auto& part : parts) mean += part[index] / kParts;
  for (const auto& part : parts) squares += (part[index] - mean) * (part[index] - mean);
  const double deviation = std::sqrt(squares / (kParts - 1) / kParts);
  const double bias = (mean - whole) / (kParts - 1);
  return std::sqrt(1 - rate) * std::hypot(kStudent * deviation, bias);
}

std::string hint_for(double rate) {
  if (rate >= 1) return "the exact method";
  char text[32];
  std::snprintf(text, sizeof text, "a rate of %.2g", rate);
  return text;
}

}  // namespace

Result<Estimate> estimate(const SampledEstimators& estimators, const std::vector<std::uint64_t>& frames,
                          std::uint64_t references) {
  const std::vector<double> sizes(frames.begin(), frames.end());
  std::vector<double> around = sizes;  // and the ends of what each may stand for
  for (const double size : sizes) around.push_back(std::max(1.0, size - uncertain_frames(size, estimators)));
  for (const double size : sizes) around.push_back(size + uncertain_frames(size, estimators));
  PW_TRY_ASSIGN(std::vector<double> whole, estimators.whole(around));
  std::vector<std::vector<double>> parts;
  for (const Estimator& estimator : estimators.parts) {
    PW_TRY_ASSIGN(std::vector<double> part, estimator(sizes));
    parts.push_back(std::move(part));
  }
  Estimate result;
  const std::size_t count = sizes.size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool may_be_none = sizes[i] - uncertain_frames(sizes[i], estimators) < 1;
    const double fewer = may_be_none ? static_cast<double>(references) : whole[count + i];
    const double more = whole[2 * count + i];
    const double sideways = std::max(std::abs(fewer - whole[i]), std::abs(more - whole[i]));
    const double bar = std::max(spread(whole[i], parts, i, estimators.rate), sideways);
    result.misses.push_back(std::clamp(whole[i], 0.0, static_cast<double>(references)));
    result.error_bars.push_back(bar);
  }
  return result;
}

Status check_sample(std::uint64_t sampled_pages, double rate) {
  if (sampled_pages >= kLeastSample || rate >= 1) return Done{};
  constexpr double kGoodSample = 2000;
  const double pages = static_cast<double>(sampled_pages) / rate;
  std::string message = "the sample: expected at least " + std::to_string(kLeastSample) + " pages, got " +
                        std::to_string(sampled_pages);
  message += sampled_pages == 0 ? "; take a higher rate"
                                : " of about " + std::to_string(std::llround(pages)) + "; take " +
                                      hint_for(kGoodSample / pages);
  return Error{ErrorCode::SampleTooSmall, message};
}

}  // namespace pw::analysis
