// SPDX-License-Identifier: MIT
// Working set (Denning, CACM 1968): exactly the pages used in the last `tau` references are resident, so a
// reference faults if its reuse time is greater. How many that are is an outcome, no setting.
//
// With hardware observation a page's use shows when it comes up as the oldest with its Accessed bit set.
#pragma once

#include <algorithm>
#include <array>

#include "base/param.h"
#include "policy/replacement/policy.h"
#include "policy/use_queue.h"

namespace pw::policy {

class WorkingSet {
 public:
  static constexpr PolicyInfo info{.name = "working-set",
                                   .family = Family::WorkingSet,
                                   .observes = Observes::AccessedBits,
                                   .summary = "keeps the pages used in the last tau references",
                                   .aliases = {"ws"},
                                   .allocation = Allocation::Variable};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "tau",
                                                    .default_value = 100'000,
                                                    .minimum = 1,
                                                    .maximum = 1e15,
                                                    .unit = "references",
                                                    .summary = "window of the working set"}};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t tau = 100'000;
  };

  WorkingSet(const PolicyContext& context, Params params) : pages_(context), tau_(params.tau) {}

  void on_insert(const Resident& page, Arrival) {
    now_ = std::max(now_ + 1, page.time);
    pages_.insert(page.frame, now_);
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    now_ += count;
    pages_.use(frame, now_);
  }
  void on_remove(const Resident& page, Departure) { pages_.remove(page.frame); }
  bool gives_up(std::uint64_t time) {
    now_ = std::max(now_, time - 1);
    return time > tau_ && pages_.has_older(time - tau_, now_);
  }
  FrameIndex choose_victim() { return pages_.oldest(now_); }

 private:
  UseQueue pages_;
  std::uint64_t tau_;
  std::uint64_t now_ = 0;
};

}  // namespace pw::policy
