// SPDX-License-Identifier: MIT
// LFU: evicts the page with the fewest references since it was loaded; of several the one that has had its
// count for the longest time. With aging, all counts are halved whenever their mean exceeds `mean`
// (LFU-Aging: Robinson and Devarakonda, "Data Cache Management Using Frequency-Based Replacement",
// SIGMETRICS 1990), which is O(frames) once per that many references a frame.
#pragma once

#include <array>
#include <compare>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_heap.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Lfu {
 public:
  static constexpr PolicyInfo info{.name = "lfu",
                                   .family = Family::Frequency,
                                   .observes = Observes::References,
                                   .summary = "evicts the page with the fewest references"};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "mean",
                                                    .default_value = 0,
                                                    .minimum = 0,
                                                    .maximum = 1e6,
                                                    .unit = "references",
                                                    .summary = "mean count above which all counts are "
                                                               "halved; 0: no aging",
                                                    .alias = "a-max"}};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t mean = 0;
  };

  Lfu(const PolicyContext& context, Params params)
      : uses_(context.frames), heap_(context.frames), mean_(params.mean) {}

  void on_insert(const Resident& page, Arrival) {
    uses_[page.frame.value()] = {1, ++now_};
    heap_.push(page.frame, uses_[page.frame.value()]);
    count_more(1);
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    if (mean_ == 0) return use(frame, count);
    for (; count > 0; --count) use(frame, 1);  // any of them may halve the counts
  }
  void on_remove(const Resident& page, Departure) {
    sum_ -= uses_[page.frame.value()].count;
    heap_.remove(page.frame);
  }
  FrameIndex choose_victim() {
    return heap_.least([this](FrameIndex frame) { return uses_[frame.value()]; });
  }

 private:
  struct Uses {
    std::uint64_t count = 0;
    std::uint64_t since = 0;  // when the count was reached
    auto operator<=>(const Uses&) const = default;
  };
  void use(FrameIndex frame, std::uint32_t count) {
    now_ += count;
    Uses& uses = uses_[frame.value()];
    uses = {uses.count + count, now_};
    count_more(count);
  }
  void count_more(std::uint64_t count) {
    sum_ += count;
    if (mean_ != 0 && sum_ > mean_ * heap_.size()) halve();
  }
  void halve() {
    sum_ = 0;
    heap_.rebuild([this](FrameIndex frame) {
      Uses& uses = uses_[frame.value()];
      uses.count = (uses.count + 1) / 2;
      sum_ += uses.count;
      return uses;
    });
  }

  LazyArray<Uses> uses_;
  FrameHeap<Uses> heap_;
  std::uint64_t mean_;
  std::uint64_t sum_ = 0;  // of all counts
  std::uint64_t now_ = 0;
};

}  // namespace pw::policy
