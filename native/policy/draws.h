// SPDX-License-Identifier: MIT
// Where a policy that leaves things to chance draws from: the run's generator, or one of its own if it was
// given a seed.
#pragma once

#include <cstdint>
#include <optional>

#include "base/param.h"
#include "base/rng.h"

namespace pw::policy {

inline constexpr ParamSpec kSeedParam{.name = "seed",
                                      .default_value = 0,
                                      .minimum = 0,
                                      .maximum = 9007199254740991.0,
                                      .unit = "",
                                      .summary = "of a generator of its own; 0: the run's generator"};

class Draws {
 public:
  // `run` is looked at only if the seed is 0, and then outlives this.
  Draws(Rng* run, std::uint64_t seed) : run_(run) {
    if (seed != 0) own_.emplace(seed);
  }
  Draws(const Draws&) = delete;  // others keep a reference to the generator
  Draws& operator=(const Draws&) = delete;
  Rng& generator() { return own_ ? *own_ : *run_; }

 private:
  Rng* run_;
  std::optional<Rng> own_;
};

}  // namespace pw::policy
