// SPDX-License-Identifier: MIT
// LRU's miss-ratio curve in constant memory (Waldspurger et al., SHARDS with a fixed sample size, FAST 2015): reuse distances
// among the sampled pages, each scaled by the rate of its time. A reference weighs the inverse of that rate, which
// is the same as rescaling all earlier counts whenever the rate sinks.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/bottom_sample.h"
#include "analysis/recency_ranks.h"

namespace pw::analysis {

// Weights by distance, in bins of 1/1024 of a power of two; distances below 1 are one bin.
class ScaledDistances {
 public:
  ScaledDistances();
  // REQUIRES: 0 <= distance < 2^48.
  void add(double distance, double weight);
  // Of distances below each number of frames; within a bin evenly spread. REQUIRES: frames >= 1.
  std::vector<double> weights_below(const std::vector<double>& frames) const;

 private:
  std::vector<double> weights_;
};

class FixedSizeShards {
 public:
  static constexpr double kResolution = 0x1p-10;  // of numbers of frames

  // Samples at most so many of the pages it is told of, which are `share` of all. REQUIRES: 0 < most < 2^30.
  FixedSizeShards(std::uint32_t most, double share)
      : share_(share), sample_(most), ranks_(most + 1, std::uint64_t{most} + 1) {}

  HashThreshold threshold() const { return sample_.threshold(); }
  double rate() const { return share_ * static_cast<double>(threshold()) / static_cast<double>(kEveryPage); }
  std::uint32_t pages() const { return sample_.size(); }

  void use(std::uint64_t page, std::uint32_t hash);
  // LRU's misses with so many frames each. They are those of the sample, weighted; with them by all references, and not by
  // those sampled, the ratio is the paper's SHARDS_adj. REQUIRES: frames >= 1.
  std::vector<double> misses(const std::vector<double>& frames) const;

 private:
  double share_;
  BottomSample sample_;
  RecencyRanks ranks_;
  ScaledDistances hits_;
  double uses_ = 0;  // weighted
};

}  // namespace pw::analysis
