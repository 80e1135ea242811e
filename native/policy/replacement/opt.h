// SPDX-License-Identifier: MIT
// OPT: evicts the page whose next use lies furthest ahead (Belady, IBM Systems Journal 1966; Mattson et al.
// 1970). No choice has fewer faults. It needs the future, so it is a bound and no policy to run.
//
// Next uses are distinct times, so the furthest is the last of a set of times. Times that have passed stay
// in it: they are below all that matter.
#pragma once

#include "policy/frame_list.h"
#include "policy/replacement/policy.h"
#include "policy/time_set.h"

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

  Opt(const PolicyContext& context, Params)
      : future_(*context.future), uses_(future_.end()), never_(context.frames) {}

  void on_insert(Resident page, Arrival) {
    file(page.frame);
    filed_ = future_.now();
  }
  void on_access(FrameIndex frame, std::uint32_t) {
    if (filed_ != future_.now()) file(frame);  // not the rest of the run that loaded the page
  }
  void on_remove(Resident page, Departure) {
    if (!never_.is_empty() && never_.youngest() == page.frame)
      never_.remove(page.frame);
    else
      uses_.remove(victim_);
  }
  FrameIndex choose_victim() {
    if (!never_.is_empty()) return never_.youngest();
    victim_ = uses_.last();
    return future_.frame_used_at(victim_);
  }

 private:
  void file(FrameIndex frame) {
    const std::uint64_t next = future_.next_use();
    if (next == Future::kNever)
      never_.push_youngest(frame);
    else
      uses_.add(next);
  }

  const Future& future_;
  TimeSet uses_;
  FrameList never_;           // pages that are not used again
  std::uint64_t victim_ = 0;  // when the victim would be used next
  std::uint64_t filed_ = Future::kNever;
};

}  // namespace pw::policy
