// SPDX-License-Identifier: MIT
// The learning rate of CACHEUS (Rodriguez et al., FAST 2021, algorithm 3, as in the authors' code): set anew
// after each period, along the direction in which the hit ratio rose; without a gain it takes a random
// step, and after ten such periods its first value.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/rng.h"

namespace pw::policy {

class LearningRate {
 public:
  // `period` in references. REQUIRES: period > 0.
  LearningRate(Rng& rng, std::uint64_t period)
      : rng_(rng),
        period_(period),
        value_(std::sqrt(2 * std::log(2.0) / static_cast<double>(period))),
        first_(std::clamp(value_, kLeast, 1.0)),
        present_(value_) {}

  double value() const { return value_; }

  enum class Reference : std::uint8_t { Hit, Miss };
  void count(Reference kind, std::uint64_t references) {
    while (references > 0) {
      const std::uint64_t some = std::min(references, period_ - counted_);
      references -= some;
      counted_ += some;
      if (kind == Reference::Hit) hits_ += some;
      if (counted_ == period_) end_period();
    }
  }

 private:
  static constexpr double kLeast = 0.001;
  static constexpr unsigned kPatience = 10;  // periods

  static double rounded(double value) { return std::round(value * 1000) / 1000; }

  void end_period() {
    const double ratio = rounded(static_cast<double>(hits_) / static_cast<double>(period_));
    const double gain = rounded(ratio - last_ratio_);
    const double step = rounded(present_) - rounded(past_);
    const double direction = step * gain;
    if (direction > 0) {
      value_ = std::min(value_ + std::abs(value_ * step), 1.0);
      idle_ = losses_ = 0;
    } else if (direction < 0) {
      value_ = std::max(value_ - std::abs(value_ * step), kLeast);
      idle_ = losses_ = 0;
    } else if (gain <= 0) {
      search(ratio, gain);
    }
    past_ = present_;
    present_ = value_;
    last_ratio_ = ratio;
    hits_ = counted_ = 0;
  }
  void search(double ratio, double gain) {
    if (ratio <= 0 && gain == 0) ++idle_;
    if (gain < 0) ++losses_, ++idle_;
    if (idle_ >= kPatience) {
      value_ = first_;
      idle_ = 0;
    } else if (gain < 0 && losses_ >= kPatience) {
      value_ = first_;
      losses_ = 0;
    } else if (gain < 0) {
      step_at_random();
    }
  }
  void step_at_random() {
    if (value_ >= 1)
      value_ = 0.9;
    else if (value_ <= kLeast)
      value_ = 0.005;
    else if (rng_.below(2) == 0)
      value_ = std::min(value_ * 1.25, 1.0);
    else
      value_ = std::max(value_ * 0.75, kLeast);
  }

  Rng& rng_;
  std::uint64_t period_;
  double value_;
  double first_;
  double present_;
  double past_ = 0;
  double last_ratio_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t counted_ = 0;
  unsigned idle_ = 0;
  unsigned losses_ = 0;
};

}  // namespace pw::policy
