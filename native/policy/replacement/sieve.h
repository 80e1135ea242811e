// SPDX-License-Identifier: MIT
// SIEVE: a FIFO queue and a hand that moves from the oldest page to the youngest, passes over pages
// visited since it last came by, and evicts where it stands (Zhang et al., NSDI 2024). Unlike CLOCK it
// leaves survivors in their place, so new pages are tried before old ones come up again.
#pragma once

#include <optional>

#include "policy/frame_list.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Sieve {
 public:
  static constexpr PolicyInfo info{
      .name = "sieve",
      .family = Family::Recency,
      .observes = Observes::AccessedBits,
      .summary = "FIFO with a hand that evicts unvisited pages and leaves the others in place"};
  struct Params {};

  Sieve(const PolicyContext& context, Params) : queue_(context.frames), visited_(context) {}

  void on_insert(const Resident& page, Arrival) {
    queue_.push_youngest(page.frame);
    visited_.reset(page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t) { visited_.set(frame); }
  void on_remove(const Resident& page, Departure) {
    if (hand_ == page.frame) hand_ = next(page.frame);
    queue_.remove(page.frame);
  }
  FrameIndex choose_victim() {
    if (!hand_) hand_ = queue_.oldest();
    while (visited_.test_and_clear(*hand_)) {
      hand_ = next(*hand_);
      if (!hand_) hand_ = queue_.oldest();
    }
    return *hand_;
  }

 private:
  std::optional<FrameIndex> next(FrameIndex frame) const {
    if (!queue_.has_younger(frame)) return std::nullopt;
    return queue_.younger(frame);
  }

  FrameList queue_;
  ReferenceBits visited_;
  std::optional<FrameIndex> hand_;  // none: at the oldest
};

}  // namespace pw::policy
