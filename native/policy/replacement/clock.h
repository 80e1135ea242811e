// SPDX-License-Identifier: MIT
// CLOCK: FIFO in which a page that was referenced since the hand last passed is passed over and becomes
// the youngest (Corbato, "A Paging Experiment with the Multics System", 1968). With more than one bit
// the page has a counter: one up per reference, one down when the hand passes.
//
// With exact observation a page is loaded with its counter at 0. With hardware observation the counter
// goes up by one when the hand finds the Accessed bit set.
#pragma once

#include <algorithm>
#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Clock {
 public:
  static constexpr PolicyInfo info{
      .name = "clock",
      .family = Family::Recency,
      .observes = Observes::AccessedBits,
      .summary = "FIFO that passes over pages referenced since the hand last passed"};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "bits",
                                                    .default_value = 1,
                                                    .minimum = 1,
                                                    .maximum = 8,
                                                    .unit = "bits",
                                                    .summary = "width of the reference counter",
                                                    .alias = "n-bit-counter"}};
    static Params of(const ParamValues& values) { return {static_cast<std::uint32_t>(values.integer(0))}; }

    std::uint32_t bits = 1;
  };

  Clock(const PolicyContext& context, Params params)
      : queue_(context.frames),
        counters_(context.frames),
        accessed_bits_(context.accessed_bits),
        limit_(static_cast<std::uint8_t>((1u << params.bits) - 1)) {}

  void on_insert(const Resident& page, Arrival) {
    queue_.push_youngest(page.frame);
    counters_[page.frame.value()] = 0;
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    std::uint8_t& counter = counters_[frame.value()];
    if (counter == limit_) [[likely]]  // a branch, for a store would delay the next look
      return;
    counter = static_cast<std::uint8_t>(std::min<std::uint64_t>(limit_, std::uint64_t{counter} + count));
  }
  void on_remove(const Resident& page, Departure) { queue_.remove(page.frame); }

  FrameIndex choose_victim() {
    for (;;) {
      const FrameIndex candidate = queue_.oldest();
      if (accessed_bits_ && accessed_bits_->test_and_clear(candidate)) on_access(candidate, 1);
      std::uint8_t& counter = counters_[candidate.value()];
      if (counter == 0) return candidate;
      --counter;
      queue_.move_to_youngest(candidate);
    }
  }

 private:
  FrameList queue_;
  LazyArray<std::uint8_t> counters_;
  AccessedBits* accessed_bits_;
  std::uint8_t limit_;
};

}  // namespace pw::policy
