// SPDX-License-Identifier: MIT
// OPT: evicts the page whose next use lies furthest ahead (Belady, IBM Systems Journal 1966; Mattson et al.
// 1970). No choice has fewer faults. It needs the future, so it is a bound and no policy to run.
//
// Next uses are distinct times, so the furthest is the last of a set of times. Times that have passed stay
// in it: they are below all that matter.
#pragma once

#include "policy/next_uses.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Opt {
 public:
  static constexpr PolicyInfo info{.name = "opt",
                                   .family = Family::Bound,
                                   .observes = Observes::References,
                                   .summary = "evicts the page whose next use lies furthest ahead",
                                   .aliases = {"belady", "min"},
                                   .knowledge = Knowledge::Future};
  struct Params {};

  Opt(const PolicyContext& context, Params) : pages_(context) {}

  void on_insert(const Resident& page, Arrival) { pages_.insert(page.frame); }
  void on_access(FrameIndex frame, std::uint32_t) { pages_.use(frame); }
  void on_remove(const Resident& page, Departure) {
    FrameList& never = pages_.never();
    if (!never.is_empty() && never.youngest() == page.frame)
      never.remove(page.frame);
    else
      pages_.times().remove(victim_);
  }
  FrameIndex choose_victim() {
    if (!pages_.never().is_empty()) return pages_.never().youngest();
    victim_ = pages_.times().last();
    return pages_.future().frame_used_at(victim_);
  }

 private:
  NextUses pages_;
  std::uint64_t victim_ = 0;  // when the victim would be used next
};

}  // namespace pw::policy
