// SPDX-License-Identifier: MIT
// FIFO: evicts the page that was loaded first. It observes no references at all; the one classic
// policy with Belady's anomaly (Belady, Nelson, Shedler, CACM 1969).
#pragma once

#include "policy/frame_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Fifo {
 public:
  static constexpr PolicyInfo info{.name = "fifo",
                                   .family = Family::Arrival,
                                   .observes = Observes::Faults,
                                   .summary = "evicts the page that was loaded first"};
  struct Params {};

  Fifo(const PolicyContext& context, Params) : queue_(context.frames) {}

  void on_insert(const Resident& page, Arrival) { queue_.push_youngest(page.frame); }
  void on_remove(const Resident& page, Departure) { queue_.remove(page.frame); }
  FrameIndex choose_victim() { return queue_.oldest(); }

 private:
  FrameList queue_;
};

}  // namespace pw::policy
