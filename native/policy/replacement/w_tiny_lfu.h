// SPDX-License-Identifier: MIT
// W-TinyLFU (Einziger, Friedman, Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS 2017):
// new pages enter a small LRU window; what leaves it is admitted to the main part, a segmented LRU of
// probation and protection, if it was used more often than the page that would have to leave. How often
// is estimated by a count-min sketch of 4-bit counters, halved after 10 references a frame.
//
// The sketch takes 16 counters, 8 bytes, a frame; there are no ghosts.
#pragma once

#include <algorithm>
#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/frequency_sketch.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class WTinyLfu {
 public:
  static constexpr PolicyInfo info{.name = "w-tinylfu",
                                   .family = Family::Adaptive,
                                   .observes = Observes::References,
                                   .summary = "an LRU window, then admission by estimated frequency",
                                   .aliases = {"wtinylfu"}};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "window",
                                                    .default_value = 0.01,
                                                    .minimum = 0,
                                                    .maximum = 1,
                                                    .unit = "of the frames",
                                                    .summary = "size of the window, at least one frame",
                                                    .type = ParamType::Real,
                                                    .alias = "window-size"},
                                          ParamSpec{.name = "protected",
                                                    .default_value = 0.8,
                                                    .minimum = 0,
                                                    .maximum = 1,
                                                    .unit = "of the main part",
                                                    .summary = "size of the protected segment",
                                                    .type = ParamType::Real}};
    static Params of(const ParamValues& values) { return {values.real(0), values.real(1)}; }

    double window = 0.01;
    double protection = 0.8;
  };

  WTinyLfu(const PolicyContext& context, Params params)
      : lists_(context.frames),
        list_of_(context.frames),
        page_in_(context.frames),
        sketch_(context.capacity),
        page_names_(context.page_names),
        window_limit_(std::max<std::uint64_t>(1, share(params.window, context.capacity))),
        protected_limit_(share(params.protection, context.capacity - window_limit_)) {}

  void on_insert(const Resident& page, Arrival) {
    const std::uint64_t name = name_of(page.page, page_names_).value();
    sketch_.add(name, 1);
    page_in_[page.frame.value()] = name;
    push(kWindow, page.frame);
    if (lists_.size(kWindow) > window_limit_) move(lists_.oldest(kWindow), kProbation);
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    sketch_.add(page_in_[frame.value()], count);
    const std::uint8_t list = list_of_[frame.value()];
    if (list != kProbation) return lists_.move_to_youngest(list, frame);
    move(frame, kProtected);
    if (lists_.size(kProtected) > protected_limit_) move(lists_.oldest(kProtected), kProbation);
  }
  void on_remove(const Resident& page, Departure) { lists_.remove(list_of_[page.frame.value()], page.frame); }

  // The window's oldest page has to leave the window for the one that comes; it contends with the main
  // part's victim.
  FrameIndex choose_victim() {
    const bool has_main = !lists_.is_empty(kProbation) || !lists_.is_empty(kProtected);
    if (lists_.is_empty(kWindow) || (has_main && lists_.size(kWindow) < window_limit_)) return main_victim();
    const FrameIndex candidate = lists_.oldest(kWindow);
    if (!has_main) return candidate;
    const FrameIndex victim = main_victim();
    return frequency(candidate) > frequency(victim) ? victim : candidate;
  }

 private:
  static constexpr std::uint8_t kWindow = 0;
  static constexpr std::uint8_t kProbation = 1;
  static constexpr std::uint8_t kProtected = 2;

  void push(std::uint8_t list, FrameIndex frame) {
    list_of_[frame.value()] = list;
    lists_.push_youngest(list, frame);
  }
  void move(FrameIndex frame, std::uint8_t list) {
    lists_.remove(list_of_[frame.value()], frame);
    push(list, frame);
  }
  FrameIndex main_victim() const {
    return lists_.oldest(lists_.is_empty(kProbation) ? kProtected : kProbation);
  }
  std::uint32_t frequency(FrameIndex frame) const { return sketch_.estimate(page_in_[frame.value()]); }

  FrameLists<3> lists_;
  LazyArray<std::uint8_t> list_of_;
  LazyArray<std::uint64_t> page_in_;
  FrequencySketch sketch_;
  const PageNames* page_names_;
  std::uint64_t window_limit_;
  std::uint64_t protected_limit_;
};

}  // namespace pw::policy
