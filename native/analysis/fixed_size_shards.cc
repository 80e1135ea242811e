// SPDX-License-Identifier: MIT
#include "analysis/fixed_size_shards.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace pw::analysis {
namespace {

constexpr unsigned kBinBits = 10;
constexpr unsigned kDropped = 52 - kBinBits;  // of a double's mantissa
constexpr std::uint64_t kFirst = std::bit_cast<std::uint64_t>(1.0) >> kDropped;
constexpr std::size_t kBins = (48U << kBinBits) + 1;

// Bin 0 holds what is below 1.
std::size_t bin_of(double distance) {
  if (distance < 1) return 0;
  return (std::bit_cast<std::uint64_t>(distance) >> kDropped) - kFirst + 1;
}
// REQUIRES: bin > 0.
double begin_of(std::size_t bin) { return std::bit_cast<double>((bin - 1 + kFirst) << kDropped); }

}  // namespace

ScaledDistances::ScaledDistances() : weights_(kBins) {}

void ScaledDistances::add(double distance, double weight) { weights_[bin_of(distance)] += weight; }

std::vector<double> ScaledDistances::weights_below(const std::vector<double>& frames) const {
  std::vector<double> sums(kBins + 1);
  std::partial_sum(weights_.begin(), weights_.end(), sums.begin() + 1);
  std::vector<double> below;
  for (const double limit : frames) {
    const std::size_t bin = std::min(bin_of(limit), kBins - 1);
    const double begin = begin_of(bin);
    below.push_back(sums[bin] + weights_[bin] * std::min(1.0, (limit - begin) / (begin_of(bin + 1) - begin)));
  }
  return below;
}

std::vector<double> FixedSizeShards::misses(const std::vector<double>& frames) const {
  std::vector<double> misses = hits_.weights_below(frames);
  for (double& hits : misses) hits = uses_ - hits;
  return misses;
}

void FixedSizeShards::use(std::uint64_t page, std::uint32_t hash) {
  if (hash >= sample_.threshold()) return;
  const double weight = 1 / rate();
  const std::uint32_t slot = sample_.slot_of(page, hash);
  const std::uint64_t distance = ranks_.use(slot);
  uses_ += weight;
  if (distance == RecencyRanks::kNever) {
    sample_.shrink([this](std::uint32_t gone) { ranks_.forget(gone); });
    return;
  }
  // Among d sampled pages lie, of all, between d and d + 1 times the inverse of the rate; none at all most often
  // means that the page was used twice in a row.
  const double scaled = (static_cast<double>(distance) + 0.5) * weight;
  hits_.add(distance == 0 ? 0 : rate() == 1 ? static_cast<double>(distance) : scaled, weight);
}

}  // namespace pw::analysis
