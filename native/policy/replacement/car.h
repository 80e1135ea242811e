// SPDX-License-Identifier: MIT
// CAR (Bansal and Modha, "CAR: Clock with Adaptive Replacement", FAST 2004): ARC with clocks in place of
// the LRU lists, so that a hit sets a bit and moves nothing.
//
// Ghosts: up to as many as frames in each of two lists, 24 to 53 bytes each.
#pragma once

#include <algorithm>
#include <array>

#include "base/lazy_array.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Car {
 public:
  static constexpr PolicyInfo info{.name = "car",
                                   .family = Family::Adaptive,
                                   .observes = Observes::AccessedBits,
                                   .summary = "ARC with two clocks"};
  struct Params {};

  Car(const PolicyContext& context, Params)
      : clocks_(context.frames),
        clock_of_(context.frames),
        bits_(context),
        ghosts_{GhostList<>(2 * context.capacity, context), GhostList<>(2 * context.capacity, context)},
        capacity_(context.capacity) {}

  void on_insert(const Resident& page, Arrival) {
    const auto once = static_cast<double>(ghosts_[kOnce].size());
    const auto again = static_cast<double>(ghosts_[kAgain].size());
    std::uint8_t clock = kAgain;
    if (ghosts_[kOnce].remove(page.page)) {
      target_ = std::min(target_ + std::max(1.0, again / once), static_cast<double>(capacity_));
    } else if (ghosts_[kAgain].remove(page.page)) {
      target_ = std::max(target_ - std::max(1.0, once / again), 0.0);
    } else {
      make_room_for_ghost();
      clock = kOnce;
    }
    push(clock, page.frame);
    bits_.reset(page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure departure) {
    const std::uint8_t clock = clock_of_[page.frame.value()];
    clocks_.remove(clock, page.frame);
    if (departure == Departure::Evicted) ghosts_[clock].push(page.page);
  }
  FrameIndex choose_victim() {
    for (;;) {
      const auto once = static_cast<double>(clocks_.size(kOnce));
      const bool from_once = once >= std::max(1.0, target_) || clocks_.is_empty(kAgain);
      const std::uint8_t clock = from_once ? kOnce : kAgain;
      const FrameIndex candidate = clocks_.oldest(clock);
      if (!bits_.test_and_clear(candidate)) return candidate;
      clocks_.remove(clock, candidate);
      push(kAgain, candidate);
    }
  }

 private:
  static constexpr std::uint8_t kOnce = 0;   // T1, B1
  static constexpr std::uint8_t kAgain = 1;  // T2, B2

  void push(std::uint8_t clock, FrameIndex frame) {
    clock_of_[frame.value()] = clock;
    clocks_.push_youngest(clock, frame);
  }
  // For a page that is nowhere, after its victim has left.
  void make_room_for_ghost() {
    const std::uint64_t once = clocks_.size(kOnce) + ghosts_[kOnce].size();
    const std::uint64_t all = once + clocks_.size(kAgain) + ghosts_[kAgain].size();
    if (once >= capacity_ && ghosts_[kOnce].size() > 0)
      ghosts_[kOnce].pop_oldest();
    else if (all >= 2 * capacity_ && ghosts_[kAgain].size() > 0)
      ghosts_[kAgain].pop_oldest();
  }

  FrameLists<2> clocks_;
  LazyArray<std::uint8_t> clock_of_;
  ReferenceBits bits_;
  std::array<GhostList<>, 2> ghosts_;
  std::uint64_t capacity_;
  double target_ = 0;  // p: pages that T1 should hold
};

}  // namespace pw::policy
