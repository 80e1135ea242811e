// SPDX-License-Identifier: MIT
// OPT that minds write-backs: evicts the page with the greatest distance to its next use per cost of losing
// it, where a clean page costs its reload and a dirty one `cost` reloads more. With cost 0 it is OPT.
//
// The least cost of faults and write-backs together is NP-hard to find (Beckmann, Gibbons, McGuffey,
// "Writeback-aware caching", APOCS 2020), so this is the greedy choice, a reference point and no bound.
// Pages are looked at from the furthest use on, until a clean one comes or no nearer one can be better:
// O(dirty pages passed).
#pragma once

#include <array>

#include "base/param.h"
#include "policy/next_uses.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class OptWriteback {
 public:
  static constexpr PolicyInfo info{.name = "opt-writeback",
                                   .family = Family::Bound,
                                   .observes = Observes::References,
                                   .summary = "OPT that prefers clean victims",
                                   .knowledge = Knowledge::Future};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "cost",
                                                    .default_value = 1,
                                                    .minimum = 0,
                                                    .maximum = 1000,
                                                    .unit = "reloads",
                                                    .summary = "of a write-back",
                                                    .type = ParamType::Real}};
    static Params of(const ParamValues& values) { return {values.real(0)}; }

    double cost = 1;
  };

  OptWriteback(const PolicyContext& context, Params params)
      : pages_(context), dirty_bits_(context.dirty_bits), dirty_cost_(1 + params.cost) {}

  void on_insert(const Resident& page, Arrival) { pages_.insert(page.frame); }
  void on_access(FrameIndex frame, std::uint32_t) { pages_.use(frame); }
  void on_remove(const Resident& page, Departure) {
    if (is_victim_used_again_)
      pages_.times().remove(victim_);
    else
      pages_.never().remove(page.frame);
  }
  FrameIndex choose_victim() {
    is_victim_used_again_ = pages_.never().is_empty();
    if (!is_victim_used_again_) return unused_victim();
    const Future& future = pages_.future();
    std::uint64_t time = pages_.times().last();
    victim_ = time;
    for (double best = value_at(time); is_dirty(time); best = std::max(best, value_at(time))) {
      const std::uint64_t nearer = pages_.times().before(time);
      if (nearer <= future.now() || nearer == time || distance(nearer) <= best) break;
      time = nearer;
      if (value_at(time) > best) victim_ = time;
    }
    return future.frame_used_at(victim_);
  }

 private:
  // A clean one if there is one.
  FrameIndex unused_victim() {
    const FrameList& never = pages_.never();
    FrameIndex frame = never.oldest();
    while (dirty_bits_->test(frame)) {
      if (!never.has_younger(frame)) return never.youngest();
      frame = never.younger(frame);
    }
    return frame;
  }
  double distance(std::uint64_t time) const { return static_cast<double>(time - pages_.future().now()); }
  bool is_dirty(std::uint64_t time) const { return dirty_bits_->test(pages_.future().frame_used_at(time)); }
  double value_at(std::uint64_t time) const {
    return is_dirty(time) ? distance(time) / dirty_cost_ : distance(time);
  }

  NextUses pages_;
  DirtyBits* dirty_bits_;
  double dirty_cost_;
  std::uint64_t victim_ = 0;  // when the victim would be used next
  bool is_victim_used_again_ = false;
};

}  // namespace pw::policy
