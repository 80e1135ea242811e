// SPDX-License-Identifier: MIT
// ARC (Megiddo and Modha, FAST 2003): T1 holds pages seen once lately, T2 those seen again, both LRU; the
// ghosts of what left them (B1, B2) move the target size of T1 up and down. The target is a real number,
// as in the paper, and changes by the exact ratio of the ghost lists where that is above 1.
//
// Ghosts: as many as frames in sum with pages up to 2 x frames, 24 to 53 bytes each.
#pragma once

#include <algorithm>
#include <array>

#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/recency_order.h"
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
      : once_(context.frames),
        again_(context.frames),
        ghosts_{GhostList<>(context.capacity, context), GhostList<>(2 * context.capacity, context)},
        capacity_(context.capacity) {}

  PW_ALWAYS_INLINE void prefetch(VirtPage page) const {
    for (const auto& ghosts : ghosts_) ghosts.prefetch(page);
  }
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
  void on_insert(const Resident& page, Arrival) {
    if (came_back_ == CameBack::No)
      once_.push_youngest(page.frame);
    else
      again_.insert(page.frame);
    came_back_ = CameBack::No;
  }
  void on_access(FrameIndex frame, std::uint32_t) {
    if (again_.contains(frame)) return again_.use(frame);
    once_.remove(frame);
    again_.insert(frame);
  }
  void on_remove(const Resident& page, Departure departure) {
    const bool is_again = again_.contains(page.frame);
    if (is_again)
      again_.remove(page.frame);
    else
      once_.remove(page.frame);
    if (departure == Departure::Evicted && !forget_victim_) ghosts_[is_again].push(page.page);
    forget_victim_ = false;
  }
  FrameIndex choose_victim() {
    const auto once = static_cast<double>(once_.size());
    const bool from_once = forget_victim_ || once > target_ ||
                           (came_back_ == CameBack::FromAgain && once == target_) || again_.is_empty();
    return from_once && once > 0 ? once_.oldest() : again_.oldest();
  }

 private:
  static constexpr std::size_t kOnce = 0;   // B1
  static constexpr std::size_t kAgain = 1;  // B2
  enum class CameBack : std::uint8_t { No, FromOnce, FromAgain };

  // For a page that is nowhere: case IV of the paper.
  void make_room_for_ghost() {
    const std::uint64_t once = once_.size() + ghosts_[kOnce].size();
    const std::uint64_t all = once + again_.size() + ghosts_[kAgain].size();
    if (once >= capacity_) {
      if (once_.size() < capacity_)
        ghosts_[kOnce].pop_oldest();
      else
        forget_victim_ = true;
    } else if (all >= 2 * capacity_ && ghosts_[kAgain].size() > 0) {
      ghosts_[kAgain].pop_oldest();
    }
  }

  FrameList once_;  // a page that is used leaves it, so it is in the order of last uses
  RecencyOrder again_;
  std::array<GhostList<>, 2> ghosts_;
  std::uint64_t capacity_;
  double target_ = 0;  // p: pages that T1 should hold
  CameBack came_back_ = CameBack::No;
  bool forget_victim_ = false;  // the next victim leaves no ghost
};

}  // namespace pw::policy
