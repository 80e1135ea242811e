// SPDX-License-Identifier: MIT
// Random: evicts any resident page, uniformly. The yardstick that a policy with a memory has to beat.
#pragma once

#include <vector>

#include "base/lazy_array.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Random {
 public:
  static constexpr PolicyInfo info{.name = "random",
                                   .family = Family::Random,
                                   .observes = Observes::Faults,
                                   .summary = "evicts any resident page, uniformly"};
  struct Params {};

  Random(const PolicyContext& context, Params) : rng_(context.rng), places_(context.frames) {}

  void on_insert(Resident page, Arrival) {
    places_[page.frame.value()] = static_cast<std::uint32_t>(residents_.size());
    residents_.push_back(static_cast<std::uint32_t>(page.frame.value()));
  }
  void on_remove(Resident page, Departure) {
    const std::uint32_t place = places_[page.frame.value()];
    residents_[place] = residents_.back();
    places_[residents_[place]] = place;
    residents_.pop_back();
  }
  FrameIndex choose_victim() { return FrameIndex(residents_[rng_->below(residents_.size())]); }

 private:
  Rng* rng_;
  LazyArray<std::uint32_t> places_;  // by frame: where it stands in residents_
  std::vector<std::uint32_t> residents_;
};

}  // namespace pw::policy
