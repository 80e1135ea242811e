// SPDX-License-Identifier: MIT
// Page-fault frequency (Chu and Opderbeck, AFIPS 1972; IEEE Computer 1976): faults closer than `threshold`
// references let the resident set grow; a fault later than that first gives up all pages that were not
// used since the fault before it.
//
// With hardware observation Accessed bits are looked at when the set shrinks, and not cleared at each fault.
#pragma once

#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/replacement/policy.h"

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
      : queue_(context.frames),
        used_in_(context.frames),
        accessed_bits_(context.accessed_bits),
        threshold_(params.threshold) {}

  void on_fault(VirtPage, std::uint64_t time) {
    if (time - last_fault_ > threshold_) keep_from_ = interval_;
    last_fault_ = time;
    ++interval_;
  }
  void on_insert(Resident page, Arrival) {
    used_in_[page.frame.value()] = interval_;
    queue_.push_youngest(page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t) {
    if (used_in_[frame.value()] != interval_) use(frame);
  }
  void on_remove(Resident page, Departure) { queue_.remove(page.frame); }
  bool gives_up(std::uint64_t) {
    while (!queue_.is_empty() && used_in_[queue_.oldest().value()] < keep_from_) {
      if (!was_used_unseen(queue_.oldest())) return true;
      use(queue_.oldest());
    }
    return false;
  }
  FrameIndex choose_victim() {
    while (was_used_unseen(queue_.oldest())) use(queue_.oldest());
    return queue_.oldest();
  }

 private:
  bool was_used_unseen(FrameIndex frame) { return accessed_bits_ && accessed_bits_->test_and_clear(frame); }
  void use(FrameIndex frame) {
    used_in_[frame.value()] = interval_;
    queue_.move_to_youngest(frame);
  }

  FrameList queue_;  // by the interval of the last use
  LazyArray<std::uint64_t> used_in_;
  AccessedBits* accessed_bits_;
  std::uint64_t threshold_;
  std::uint64_t last_fault_ = 0;
  std::uint64_t interval_ = 1;   // between two faults; the present one
  std::uint64_t keep_from_ = 0;  // pages not used since this interval are given up
};

}  // namespace pw::policy
