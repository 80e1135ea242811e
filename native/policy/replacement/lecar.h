// SPDX-License-Identifier: MIT
// LeCaR (Vietri et al., "Driving Cache Replacement with ML-based LeCaR", HotStorage 2018): LRU and LFU
// each name a victim and chance decides by weights; a page that comes back lowers the weight of the one
// that evicted it, the more the sooner. Where both name the same page nobody is to blame.
//
// The draw is the authors' simulator's linear congruential generator, so that counts can be compared.
// Ghosts: floor(frames / 2) for each of the two, 32 to 75 bytes each.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <optional>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_heap.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class LeCar {
 public:
  static constexpr PolicyInfo info{.name = "lecar",
                                   .family = Family::Adaptive,
                                   .observes = Observes::References,
                                   .summary = "draws between LRU and LFU by weights that regret moves"};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "seed",
                                                    .default_value = 0,
                                                    .minimum = 0,
                                                    .maximum = 9007199254740991.0,
                                                    .unit = "",
                                                    .summary = "of the draws"},
                                          ParamSpec{.name = "learning-rate",
                                                    .default_value = 0.45,
                                                    .minimum = 0,
                                                    .maximum = 10,
                                                    .unit = "",
                                                    .summary = "how far one regret moves a weight",
                                                    .type = ParamType::Real}};
    static Params of(const ParamValues& values) {
      return {static_cast<std::uint64_t>(values.integer(0)), values.real(1)};
    }

    std::uint64_t seed = 0;
    double learning_rate = 0.45;
  };

  LeCar(const PolicyContext& context, Params params)
      : recency_(context.frames),
        uses_(context.frames),
        frequency_(context.frames),
        ghosts_{GhostList<std::uint64_t>(context.capacity / 2, context),
                GhostList<std::uint64_t>(context.capacity / 2, context)},
        learning_rate_(params.learning_rate),
        discount_(std::pow(0.005, 1.0 / static_cast<double>(std::max<std::uint64_t>(1, context.capacity)))),
        draw_(params.seed) {}

  void on_fault(VirtPage page, std::uint64_t time) {
    now_ = std::max(now_ + 1, time);
    for (const std::size_t expert : {kLru, kLfu}) {
      const std::uint64_t* evicted = ghosts_[expert].find(page);
      if (!evicted) continue;
      blame(expert, now_ - *evicted);
      ghosts_[expert].remove(page);
      return;
    }
  }
  void on_insert(const Resident& page, Arrival) {
    recency_.push_youngest(page.frame);
    uses_[page.frame.value()] = {1, now_};
    frequency_.push(page.frame, uses_[page.frame.value()]);
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    now_ += count;
    recency_.move_to_youngest(frame);
    Uses& uses = uses_[frame.value()];
    uses = {uses.count + count, now_};
  }
  void on_remove(const Resident& page, Departure departure) {
    if (departure == Departure::Evicted && choice_ && choice_->frame == page.frame &&
        choice_->blamed != kNobody)
      ghosts_[choice_->blamed].push(page.page, now_);
    recency_.remove(page.frame);
    frequency_.remove(page.frame);
    choice_.reset();
  }
  FrameIndex choose_victim() {
    const FrameIndex lru = recency_.oldest();
    const FrameIndex lfu = frequency_.least([this](FrameIndex frame) { return uses_[frame.value()]; });
    // A draw stands until its page has left or was used after all.
    if (choice_ && (choice_->frame == lru || choice_->frame == lfu)) return choice_->frame;
    if (lru == lfu) {
      choice_ = {lru, kNobody};
    } else {
      draw_ = draw_ * 6364136223846793005 + 1442695040888963407;
      const bool by_recency = static_cast<double>(draw_ % 100) / 100 < weights_[kLru];
      choice_ = by_recency ? Choice{lru, kLru} : Choice{lfu, kLfu};
    }
    return choice_->frame;
  }

 private:
  static constexpr std::size_t kLru = 0;
  static constexpr std::size_t kLfu = 1;
  static constexpr std::size_t kNobody = 2;
  // Keeps weights away from zero, as the authors' simulator does.
  static constexpr double kLeast = 1e-10;

  struct Uses {
    std::uint64_t count = 0;
    std::uint64_t since = 0;
    auto operator<=>(const Uses&) const = default;
  };
  struct Choice {
    FrameIndex frame;
    std::size_t blamed = kNobody;
  };

  void blame(std::size_t expert, std::uint64_t age) {
    double& mine = weights_[expert];
    double& other = weights_[1 - expert];
    mine = mine * std::exp(-learning_rate_ * std::pow(discount_, static_cast<double>(age))) + kLeast;
    const double sum = mine + other + 2 * kLeast;
    mine = mine / sum;
    other = (other + kLeast) / sum;
  }

  FrameList recency_;
  LazyArray<Uses> uses_;
  FrameHeap<Uses> frequency_;
  std::array<GhostList<std::uint64_t>, 2> ghosts_;  // with the time of the eviction
  std::array<double, 2> weights_ = {0.5, 0.5};
  double learning_rate_;
  double discount_;
  std::uint64_t draw_;
  std::uint64_t now_ = 0;
  std::optional<Choice> choice_;
};

}  // namespace pw::policy
