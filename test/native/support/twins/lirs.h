// SPDX-License-Identifier: MIT
// Naive twins of LIRS and CLOCK-Pro.
#pragma once

#include <map>
#include <set>

#include "support/twins/twin.h"

namespace pw::test {

class LirsTwin final : public Twin {
 public:
  // Demotes: as libCacheSim does when a page is used that is only in the queue.
  enum class Variant { Paper, Demotes };
  LirsTwin(std::size_t capacity, Variant variant)
      : capacity_(capacity),
        hir_limit_(std::max<std::size_t>(1, capacity / 100)),
        lir_limit_(capacity - hir_limit_),
        variant_(variant) {}
  bool refer(std::uint64_t page, bool) override {
    const bool on_stack = contains(stack_, page);
    if (lir_.contains(page)) {
      make_youngest(stack_, page);
      prune();
      return false;
    }
    const bool hit = contains(queue_, page);
    if (!hit && lir_.size() + queue_.size() == capacity_) evict();
    // Making room may have pushed nothing off the stack: only prune and the bound do.
    make_youngest(stack_, page);
    take(queue_, page);
    if (on_stack && lir_limit_ > 0) {
      lir_.insert(page);
      if (lir_.size() > lir_limit_) demote();
      prune();
    } else if (!hit && lir_.size() < lir_limit_) {
      lir_.insert(page);
    } else if (hit && variant_ == Variant::Demotes && lir_limit_ > 0 && lir_.size() == lir_limit_) {
      push_out(page);
    } else {
      queue_.push_back(page);
    }
    cut();
    return !hit;
  }

 private:
  void evict() { pop_oldest(queue_); }
  void demote() {
    prune();
    lir_.erase(stack_.front());
    queue_.push_back(stack_.front());
  }
  // The page goes back into the queue beside the demoted one; the oldest other page leaves.
  void push_out(std::uint64_t page) {
    const bool is_alone = queue_.empty();
    if (!is_alone) queue_.push_back(page);
    take(stack_, page);
    demote();
    prune();
    stack_.push_back(page);
    if (is_alone) queue_.push_back(page);
    if (queue_.size() > hir_limit_) pop_oldest(queue_);
  }
  void prune() {
    while (!stack_.empty() && !lir_.contains(stack_.front())) pop_oldest(stack_);
  }
  void cut() {
    while (stack_.size() > 2 * capacity_) {
      const auto ghost = std::find_if(stack_.begin(), stack_.end(), [this](std::uint64_t page) {
        return !lir_.contains(page) && !contains(queue_, page);
      });
      if (ghost == stack_.end()) return;
      stack_.erase(ghost);
    }
  }
  std::size_t capacity_, hir_limit_, lir_limit_;
  Variant variant_;
  Pages stack_, queue_;
  std::set<std::uint64_t> lir_;
};

// The ring is a vector; hands are pages on it, and new pages go right behind the hot hand's place.
class ClockProTwin final : public Twin {
 public:
  explicit ClockProTwin(std::size_t capacity)
      : capacity_(capacity), cold_target_(std::max<std::size_t>(1, capacity / 100)) {}
  bool refer(std::uint64_t page, bool) override {
    const bool known = contains(ring_, page);
    if (known && state_[page].resident) {
      state_[page].referenced = true;
      return false;
    }
    if (count(true, true) + count(false, true) == capacity_) evict();
    // Its ghost may have run out while room was made.
    const bool came_back = contains(ring_, page);
    if (came_back) {
      detach(page);
      grow();
    }
    const bool hot = came_back || (filling_ && count(true, true) + cold_target_ < capacity_);
    state_[page] = {hot, !hot, true, false};
    attach(page);
    limit_hot();
    return true;
  }

 private:
  struct State {
    bool hot = false, in_test = false, resident = false, referenced = false;
  };
  std::size_t count(bool hot, bool resident) const {
    return static_cast<std::size_t>(std::count_if(ring_.begin(), ring_.end(), [&](std::uint64_t page) {
      return state_.at(page).hot == hot && state_.at(page).resident == resident;
    }));
  }
  std::uint64_t next(std::uint64_t page) const {
    const auto at = std::find(ring_.begin(), ring_.end(), page);
    return at + 1 == ring_.end() ? ring_.front() : *(at + 1);
  }
  void attach(std::uint64_t page) {
    if (ring_.empty()) hot_hand_ = cold_hand_ = test_hand_ = page;
    ring_.insert(std::find(ring_.begin(), ring_.end(), hot_hand_), page);
  }
  void detach(std::uint64_t page) {
    for (std::uint64_t* hand : {&hot_hand_, &cold_hand_, &test_hand_})
      if (*hand == page) *hand = next(page);
    take(ring_, page);
  }
  void grow() { cold_target_ = std::min(cold_target_ + 1, std::max<std::size_t>(1, capacity_ - 1)); }
  void limit_hot() {
    while (count(true, true) > 0 && count(true, true) + cold_target_ > capacity_) run_hot();
  }
  void evict() {
    filling_ = false;
    for (;;) {
      while (count(false, true) == 0) run_hot();
      const std::uint64_t page = cold_hand_;
      State& it = state_[page];
      if (it.hot || !it.resident) {
        cold_hand_ = next(page);
      } else if (!it.referenced) {
        it.resident = false;
        if (!it.in_test)
          detach(page);
        else if (count(false, false) > capacity_)
          run_test();
        return;
      } else {
        it.referenced = false;
        detach(page);
        attach(page);
        it.hot = it.in_test;
        it.in_test = !it.in_test;
        if (it.hot) grow(), limit_hot();
      }
    }
  }
  void run_hot() {
    for (;;) {
      const std::uint64_t page = hot_hand_;
      hot_hand_ = next(page);
      State& it = state_[page];
      if (!it.hot) {
        end_test(page);
      } else if (it.referenced) {
        it.referenced = false;
      } else {
        it.hot = false;
        return;
      }
    }
  }
  void run_test() {
    for (const std::size_t before = count(false, false); count(false, false) == before;) {
      const std::uint64_t page = test_hand_;
      test_hand_ = next(page);
      end_test(page);
    }
  }
  void end_test(std::uint64_t page) {
    State& it = state_[page];
    if (it.hot || !it.in_test) return;
    it.in_test = false;
    cold_target_ = std::max<std::size_t>(1, cold_target_ - 1);
    if (!it.resident) detach(page);
  }
  std::size_t capacity_, cold_target_;
  bool filling_ = true;
  Pages ring_;
  std::map<std::uint64_t, State> state_;
  std::uint64_t hot_hand_ = 0, cold_hand_ = 0, test_hand_ = 0;
};

}  // namespace pw::test
