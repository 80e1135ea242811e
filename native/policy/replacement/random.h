// SPDX-License-Identifier: MIT
// Random: evicts any resident page, uniformly. The yardstick that a policy with a memory has to beat.
#pragma once

#include <array>
#include <vector>

#include "base/lazy_array.h"
#include "policy/draws.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Random {
 public:
  static constexpr PolicyInfo info{.name = "random",
                                   .family = Family::Random,
                                   .observes = Observes::Faults,
                                   .summary = "evicts any resident page, uniformly"};
  struct Params {
    static constexpr std::array kSpecs = {kSeedParam};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t seed = 0;
  };

  Random(const PolicyContext& context, Params params)
      : draws_(context.rng, params.seed), places_(context.frames) {}

  void on_insert(const Resident& page, Arrival) {
    places_[page.frame.value()] = static_cast<std::uint32_t>(residents_.size());
    residents_.push_back(static_cast<std::uint32_t>(page.frame.value()));
  }
  void on_remove(const Resident& page, Departure) {
    const std::uint32_t place = places_[page.frame.value()];
    residents_[place] = residents_.back();
    places_[residents_[place]] = place;
    residents_.pop_back();
  }
  FrameIndex choose_victim() { return FrameIndex(residents_[draws_.generator().below(residents_.size())]); }

 private:
  Draws draws_;
  LazyArray<std::uint32_t> places_;  // by frame: where it stands in residents_
  std::vector<std::uint32_t> residents_;
};

}  // namespace pw::policy
