// SPDX-License-Identifier: MIT
// MRU: evicts the page used most recently (Chou and DeWitt, "An Evaluation of Buffer Management
// Strategies for Relational Database Systems", VLDB 1985). Right for a loop larger than memory.
#pragma once

#include "policy/frame_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Mru {
 public:
  static constexpr PolicyInfo info{.name = "mru",
                                   .family = Family::Recency,
                                   .observes = Observes::References,
                                   .summary = "evicts the page used most recently"};
  struct Params {};

  Mru(const PolicyContext& context, Params) : queue_(context.frames) {}

  void on_insert(const Resident& page, Arrival) { queue_.push_youngest(page.frame); }
  void on_access(FrameIndex frame, std::uint32_t) { queue_.move_to_youngest(frame); }
  void on_remove(const Resident& page, Departure) { queue_.remove(page.frame); }
  FrameIndex choose_victim() { return queue_.youngest(); }

 private:
  FrameList queue_;
};

}  // namespace pw::policy
