// SPDX-License-Identifier: MIT
// Pages by popularity: the k-th most popular page is drawn in proportion to k to the minus `exponent`,
// exactly, by rejection-inversion (Hormann and Derflinger 1996), and a word within it uniformly.
// Popularity does not follow the address: a fixed bijection spreads the ranks over the footprint.
#pragma once

#include "trace/generators/fixed_math.h"
#include "trace/generators/generator.h"
#include "trace/generators/permutation.h"

namespace pw::trace {

class Zipf final : public Generator {
 public:
  explicit Zipf(const GeneratorConfig& config)
      : rng_(config.seed),
        exponent_(config.exponent),
        pages_((config.bytes + kFrameBytes - 1) / kFrameBytes),
        bytes_(config.bytes),
        place_(pages_, config.seed) {
    low_ = integral(1.5) - 1;
    high_ = integral(static_cast<double>(pages_) + 0.5);
    shortcut_ = 2 - inverse(integral(2.5) - power(2));
  }

  std::uint64_t next_offset() override {
    const std::uint64_t page = place_.at(draw_rank() - 1);
    const std::uint64_t left = bytes_ - page * kFrameBytes;
    return page * kFrameBytes +
           rng_.below((left < kFrameBytes ? left : kFrameBytes) / kWordBytes) * kWordBytes;
  }

 private:
  // A point under the integral of x^-s is drawn; its rounded place is the rank unless it falls into the
  // corner between curve and step.
  std::uint64_t draw_rank() {
    for (;;) {
      const double u = high_ + rng_.unit() * (low_ - high_);
      const double x = inverse(u);
      double rank = static_cast<double>(static_cast<std::uint64_t>(x + 0.5));
      rank = rank < 1 ? 1 : rank > static_cast<double>(pages_) ? static_cast<double>(pages_) : rank;
      if (rank - x <= shortcut_ || u >= integral(rank + 0.5) - power(rank))
        return static_cast<std::uint64_t>(rank);
    }
  }

  double power(double x) const { return fixed_exp(-exponent_ * fixed_log(x)); }
  double integral(double x) const {
    const double log_x = fixed_log(x);
    return expm1_ratio((1 - exponent_) * log_x) * log_x;
  }
  double inverse(double u) const {
    double t = u * (1 - exponent_);
    if (t < -1) t = -1;  // rounding at the far end
    return fixed_exp(log1p_ratio(t) * u);
  }

  Rng rng_;
  double exponent_;
  std::uint64_t pages_;
  std::uint64_t bytes_;
  Permutation place_;
  double low_ = 0;
  double high_ = 0;
  double shortcut_ = 0;
};

}  // namespace pw::trace
