// SPDX-License-Identifier: MIT
// Working set (Denning, CACM 1968): exactly the pages used in the last `tau` references are resident, so a
// reference faults if its reuse time is greater. How many that are is an outcome, no setting.
//
// With hardware observation a page's use shows when it comes up as the oldest with its Accessed bit set.
#pragma once

#include <algorithm>
#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/replacement/policy.h"

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

  WorkingSet(const PolicyContext& context, Params params)
      : queue_(context.frames),
        last_use_(context.frames),
        accessed_bits_(context.accessed_bits),
        tau_(params.tau) {}

  void on_insert(Resident page, Arrival) {
    now_ = std::max(now_ + 1, page.time);
    queue_.push_youngest(page.frame);
    last_use_[page.frame.value()] = now_;
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    now_ += count;
    use(frame);
  }
  void on_remove(Resident page, Departure) { queue_.remove(page.frame); }
  bool gives_up(std::uint64_t time) {
    now_ = std::max(now_, time - 1);
    while (!queue_.is_empty() && has_left(queue_.oldest(), time)) {
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
  bool has_left(FrameIndex frame, std::uint64_t time) const { return time - last_use_[frame.value()] > tau_; }
  bool was_used_unseen(FrameIndex frame) { return accessed_bits_ && accessed_bits_->test_and_clear(frame); }
  void use(FrameIndex frame) {
    last_use_[frame.value()] = now_;
    queue_.move_to_youngest(frame);
  }

  FrameList queue_;  // by last use
  LazyArray<std::uint64_t> last_use_;
  AccessedBits* accessed_bits_;
  std::uint64_t tau_;
  std::uint64_t now_ = 0;
};

}  // namespace pw::policy
