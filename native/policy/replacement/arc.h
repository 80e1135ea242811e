// SPDX-License-Identifier: MIT
// ARC (Megiddo and Modha, FAST 2003): T1 holds pages seen once lately, T2 those seen again, both LRU; the
// ghosts of what left them (B1, B2) move the target size of T1 up and down. The target is a real number,
// as in the paper, and changes by the exact ratio of the ghost lists where that is above 1.
//
// Ghosts: as many as frames in sum with pages up to 2 x frames, 32 to 48 bytes each.
#pragma once

#include <algorithm>

#include "base/lazy_array.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Arc {
 public:
  static constexpr PolicyInfo info{.name = "arc",
                                   .family = Family::Adaptive,
                                   .observes = Observes::References,
                                   .summary = "balances recency and frequency by what left too early"};
  struct Params {};

  Arc(const PolicyContext& context, Params)
      : lists_(context.frames),
        list_of_(context.frames),
        ghosts_{GhostList<>(context.capacity), GhostList<>(2 * context.capacity)},
        capacity_(context.capacity) {}

  void on_fault(VirtPage page, std::uint64_t) {
    const double once = static_cast<double>(ghosts_[kOnce].size());
    const double again = static_cast<double>(ghosts_[kAgain].size());
    forget_victim_ = false;
    if (ghosts_[kOnce].remove(page)) {
      came_back_ = CameBack::FromOnce;
      target_ = std::min(target_ + std::max(1.0, again / once), static_cast<double>(capacity_));
    } else if (ghosts_[kAgain].remove(page)) {
      came_back_ = CameBack::FromAgain;
      target_ = std::max(target_ - std::max(1.0, once / again), 0.0);
    } else {
      came_back_ = CameBack::No;
      make_room_for_ghost();
    }
  }
  void on_insert(Resident page, Arrival) {
    push(came_back_ == CameBack::No ? kOnce : kAgain, page.frame);
    came_back_ = CameBack::No;
  }
  void on_access(FrameIndex frame, std::uint32_t) {
    const std::uint8_t list = list_of_[frame.value()];
    if (list == kAgain) return lists_.move_to_youngest(kAgain, frame);
    lists_.remove(kOnce, frame);
    push(kAgain, frame);
  }
  void on_remove(Resident page, Departure departure) {
    const std::uint8_t list = list_of_[page.frame.value()];
    lists_.remove(list, page.frame);
    if (departure == Departure::Evicted && !forget_victim_) ghosts_[list].push(page.page);
    forget_victim_ = false;
  }
  FrameIndex choose_victim() {
    const auto once = static_cast<double>(lists_.size(kOnce));
    const bool from_once = forget_victim_ || once > target_ ||
                           (came_back_ == CameBack::FromAgain && once == target_) || lists_.is_empty(kAgain);
    return lists_.oldest(from_once && once > 0 ? kOnce : kAgain);
  }

 private:
  static constexpr std::uint8_t kOnce = 0;   // T1, B1
  static constexpr std::uint8_t kAgain = 1;  // T2, B2
  enum class CameBack : std::uint8_t { No, FromOnce, FromAgain };

  void push(std::uint8_t list, FrameIndex frame) {
    list_of_[frame.value()] = list;
    lists_.push_youngest(list, frame);
  }
  // For a page that is nowhere: case IV of the paper.
  void make_room_for_ghost() {
    const std::uint64_t once = lists_.size(kOnce) + ghosts_[kOnce].size();
    const std::uint64_t all = once + lists_.size(kAgain) + ghosts_[kAgain].size();
    if (once >= capacity_) {
      if (lists_.size(kOnce) < capacity_)
        ghosts_[kOnce].pop_oldest();
      else
        forget_victim_ = true;
    } else if (all >= 2 * capacity_ && ghosts_[kAgain].size() > 0) {
      ghosts_[kAgain].pop_oldest();
    }
  }

  FrameLists<2> lists_;
  LazyArray<std::uint8_t> list_of_;
  std::array<GhostList<>, 2> ghosts_;
  std::uint64_t capacity_;
  double target_ = 0;  // p: pages that T1 should hold
  CameBack came_back_ = CameBack::No;
  bool forget_victim_ = false;  // the next victim leaves no ghost
};

}  // namespace pw::policy
