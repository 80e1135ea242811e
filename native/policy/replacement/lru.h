// SPDX-License-Identifier: MIT
// LRU: evicts the page whose last reference lies furthest back (Mattson et al., IBM Systems Journal 1970).
//
// With hardware observation a page's use shows when it comes up as a victim with its Accessed bit set;
// it then counts as used at that moment (as pages on Linux's inactive list do).
#pragma once

#include "policy/recency_order.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Lru {
 public:
  static constexpr PolicyInfo info{.name = "lru",
                                   .family = Family::Recency,
                                   .observes = Observes::References,
                                   .summary = "evicts the page whose last reference lies furthest back"};
  struct Params {};

  Lru(const PolicyContext& context, Params)
      : order_(context.frames), accessed_bits_(context.accessed_bits), withheld_(context.withheld_uses) {}

  void on_insert(const Resident& page, Arrival) { order_.insert(page.frame, page.time); }
  void on_last_use(FrameIndex frame, std::uint64_t time) { order_.use(frame, time); }
  LastUses last_uses() { return order_.last_uses(); }
  void on_remove(const Resident& page, Departure) { order_.remove(page.frame); }

  FrameIndex choose_victim() {
    for (;;) {
      const FrameIndex frame = order_.oldest([this] {
        if (withheld_) withheld_->deliver_all();
      });
      if (const std::uint64_t use = withheld_ ? withheld_->last_use(frame) : 0; use > order_.last_use(frame))
        order_.use(frame, use);
      else if (accessed_bits_ && accessed_bits_->test_and_clear(frame))
        order_.use(frame);
      else
        return frame;
    }
  }

 private:
  RecencyOrder order_;
  AccessedBits* accessed_bits_;
  WithheldUses* withheld_;
};

}  // namespace pw::policy
