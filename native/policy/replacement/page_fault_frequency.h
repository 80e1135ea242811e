// SPDX-License-Identifier: MIT
// Page-fault frequency (Chu and Opderbeck, AFIPS 1972; IEEE Computer 1976): faults closer than `threshold`
// references let the resident set grow; a fault later than that first gives up all pages that were not
// used since the fault before it.
//
// With hardware observation Accessed bits are looked at when the set shrinks, and not cleared at each fault.
#pragma once

#include <array>

#include "base/param.h"
#include "policy/replacement/policy.h"
#include "policy/use_queue.h"

namespace pw::policy {

class PageFaultFrequency {
 public:
  static constexpr PolicyInfo info{.name = "page-fault-frequency",
                                   .family = Family::WorkingSet,
                                   .observes = Observes::AccessedBits,
                                   .summary = "grows when faults come fast, else gives up unused pages",
                                   .aliases = {"pff"},
                                   .allocation = Allocation::Variable};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "threshold",
                                                    .default_value = 1000,
                                                    .minimum = 1,
                                                    .maximum = 1e15,
                                                    .unit = "references",
                                                    .summary = "time between faults above which it shrinks"}};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t threshold = 1000;
  };

  PageFaultFrequency(const PolicyContext& context, Params params)
      : pages_(context), threshold_(params.threshold) {}

  void on_fault(VirtPage, std::uint64_t time) {
    if (time - last_fault_ > threshold_) keep_from_ = interval_;
    last_fault_ = time;
    ++interval_;
  }
  void on_insert(const Resident& page, Arrival) { pages_.insert(page.frame, interval_); }
  void on_access(FrameIndex frame, std::uint32_t) {
    if (pages_.stamp(frame) != interval_) pages_.use(frame, interval_);
  }
  void on_remove(const Resident& page, Departure) { pages_.remove(page.frame); }
  bool gives_up(std::uint64_t) { return pages_.has_older(keep_from_, interval_); }
  FrameIndex choose_victim() { return pages_.oldest(interval_); }

 private:
  UseQueue pages_;  // stamped with the interval of the last use
  std::uint64_t threshold_;
  std::uint64_t last_fault_ = 0;
  std::uint64_t interval_ = 1;   // between two faults; the present one
  std::uint64_t keep_from_ = 0;  // pages not used since this interval are given up
};

}  // namespace pw::policy
