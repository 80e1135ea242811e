// SPDX-License-Identifier: MIT
// Naive twins of the policies that adapt between recency and frequency by what they remember.
#pragma once

#include <cmath>
#include <map>
#include <set>

#include "policy/frequency_sketch.h"
#include "support/twins/twin.h"

namespace pw::test {

class TwoQueueTwin final : public Twin {
 public:
  explicit TwoQueueTwin(std::size_t capacity) : capacity_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(in_, page)) return false;
    if (contains(main_, page)) {
      make_youngest(main_, page);
      return false;
    }
    const bool came_back = take(out_, page);
    if (in_.size() + main_.size() == capacity_) {
      if (in_.size() > capacity_ / 4)
        remember(out_, pop_oldest(in_), capacity_ / 2);
      else
        pop_oldest(main_);
    }
    (came_back ? main_ : in_).push_back(page);
    return true;
  }

 private:
  std::size_t capacity_;
  Pages in_, main_, out_;
};

// The paper's figure 4.
class ArcTwin final : public Twin {
 public:
  explicit ArcTwin(std::size_t capacity) : capacity_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (take(t1_, page) || take(t2_, page)) {
      t2_.push_back(page);
      return false;
    }
    const double b1 = static_cast<double>(b1_.size()), b2 = static_cast<double>(b2_.size());
    const double c = static_cast<double>(capacity_);
    if (contains(b1_, page)) {
      p_ = std::min(p_ + std::max(1.0, b2 / b1), c);
      replace(false);
      take(b1_, page);
      t2_.push_back(page);
    } else if (contains(b2_, page)) {
      p_ = std::max(p_ - std::max(1.0, b1 / b2), 0.0);
      replace(true);
      take(b2_, page);
      t2_.push_back(page);
    } else {
      if (t1_.size() + b1_.size() == capacity_) {
        if (t1_.size() < capacity_) {
          pop_oldest(b1_);
          replace(false);
        } else {
          pop_oldest(t1_);
        }
      } else if (t1_.size() + t2_.size() + b1_.size() + b2_.size() >= capacity_) {
        if (t1_.size() + t2_.size() + b1_.size() + b2_.size() == 2 * capacity_) pop_oldest(b2_);
        replace(false);
      }
      t1_.push_back(page);
    }
    return true;
  }

 private:
  void replace(bool in_b2) {
    const double t1 = static_cast<double>(t1_.size());
    if (!t1_.empty() && (t1 > p_ || (in_b2 && t1 == p_)))
      b1_.push_back(pop_oldest(t1_));
    else
      b2_.push_back(pop_oldest(t2_));
  }
  std::size_t capacity_;
  double p_ = 0;
  Pages t1_, t2_, b1_, b2_;
};

// The paper's figure 2.
class CarTwin final : public Twin {
 public:
  explicit CarTwin(std::size_t capacity) : capacity_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(t1_, page) || contains(t2_, page)) {
      referenced_.insert(page);
      return false;
    }
    const bool in_ghosts = contains(b1_, page) || contains(b2_, page);
    if (t1_.size() + t2_.size() == capacity_) {
      replace();
      if (!in_ghosts && t1_.size() + b1_.size() == capacity_)
        pop_oldest(b1_);
      else if (!in_ghosts && t1_.size() + t2_.size() + b1_.size() + b2_.size() == 2 * capacity_)
        pop_oldest(b2_);
    }
    const double b1 = static_cast<double>(b1_.size()), b2 = static_cast<double>(b2_.size());
    if (!in_ghosts) {
      t1_.push_back(page);
    } else if (take(b1_, page)) {
      p_ = std::min(p_ + std::max(1.0, b2 / b1), static_cast<double>(capacity_));
      t2_.push_back(page);
    } else {
      take(b2_, page);
      p_ = std::max(p_ - std::max(1.0, b1 / b2), 0.0);
      t2_.push_back(page);
    }
    return true;
  }

 private:
  void replace() {
    for (;;) {
      const bool first = static_cast<double>(t1_.size()) >= std::max(1.0, p_) || t2_.empty();
      const std::uint64_t page = pop_oldest(first ? t1_ : t2_);
      if (referenced_.erase(page) == 0) {
        (first ? b1_ : b2_).push_back(page);
        return;
      }
      t2_.push_back(page);
    }
  }
  std::size_t capacity_;
  double p_ = 0;
  Pages t1_, t2_, b1_, b2_;
  std::set<std::uint64_t> referenced_;
};

class S3FifoTwin final : public Twin {
 public:
  enum class Filling { Small, Both };
  S3FifoTwin(std::size_t capacity, Filling filling)
      : capacity_(capacity),
        small_limit_(static_cast<std::size_t>(0.1 * static_cast<double>(capacity))),
        ghost_limit_(static_cast<std::size_t>(0.9 * static_cast<double>(capacity))),
        filling_(filling) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(small_, page) || contains(main_, page)) {
      ++uses_[page];
      return false;
    }
    const bool came_back = take(ghosts_, page);
    while (small_.size() + main_.size() == capacity_) evict();
    const bool overflows = filling_ == Filling::Both && small_.size() >= small_limit_;
    (came_back || overflows ? main_ : small_).push_back(page);
    uses_[page] = 0;
    return true;
  }

 private:
  void evict() {
    filling_ = Filling::Small;
    if (main_.size() > capacity_ - small_limit_ || small_.empty()) {
      std::uint64_t page = pop_oldest(main_);
      for (; uses_[page] > 0; page = pop_oldest(main_)) {
        uses_[page] = std::min(uses_[page], 3u) - 1;
        main_.push_back(page);
      }
      return;
    }
    while (!small_.empty()) {
      const std::uint64_t page = pop_oldest(small_);
      if (uses_[page] < 2) {
        if (ghost_limit_ > 0) remember(ghosts_, page, ghost_limit_);
        return;
      }
      uses_[page] = 0;
      main_.push_back(page);
    }
  }
  std::size_t capacity_, small_limit_, ghost_limit_;
  Filling filling_;
  Pages small_, main_, ghosts_;
  std::map<std::uint64_t, unsigned> uses_;
};

class LeCarTwin final : public Twin {
 public:
  LeCarTwin(std::size_t capacity, std::uint64_t seed)
      : capacity_(capacity), discount_(std::pow(0.005, 1.0 / static_cast<double>(capacity))), x_(seed) {}
  bool refer(std::uint64_t page, bool) override {
    ++now_;
    const bool hit = contains(recency_, page);
    if (!hit) {
      for (std::size_t expert : {0, 1})
        if (take(ghosts_[expert], page)) blame(expert, now_ - evicted_[page]);
      if (recency_.size() == capacity_) evict();
    }
    make_youngest(recency_, page);
    uses_[page] = {hit ? uses_[page].first + 1 : 1, now_};
    return !hit;
  }

 private:
  void blame(std::size_t i, std::uint64_t age) {
    w_[i] = w_[i] * std::exp(-0.45 * std::pow(discount_, static_cast<double>(age))) + 1e-10;
    const double sum = w_[i] + w_[1 - i] + 2e-10;
    w_[i] = w_[i] / sum;
    w_[1 - i] = (w_[1 - i] + 1e-10) / sum;
  }
  void evict() {
    const std::uint64_t lru = recency_.front();
    const std::uint64_t lfu =
        *std::min_element(recency_.begin(), recency_.end(),
                          [this](std::uint64_t a, std::uint64_t b) { return uses_[a] < uses_[b]; });
    std::uint64_t victim = lru;
    if (lru != lfu) {
      x_ = x_ * 6364136223846793005 + 1442695040888963407;
      const std::size_t expert = static_cast<double>(x_ % 100) / 100 < w_[0] ? 0 : 1;
      victim = expert == 0 ? lru : lfu;
      if (capacity_ / 2 > 0) remember(ghosts_[expert], victim, capacity_ / 2);
      evicted_[victim] = now_;
    }
    take(recency_, victim);
  }
  std::size_t capacity_;
  double discount_;
  std::uint64_t x_, now_ = 0;
  double w_[2] = {0.5, 0.5};
  Pages recency_, ghosts_[2];
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> uses_;
  std::map<std::uint64_t, std::uint64_t> evicted_;
};

// The frequencies are the sketch's, which has tests of its own.
class WTinyLfuTwin final : public Twin {
 public:
  explicit WTinyLfuTwin(std::size_t capacity)
      : capacity_(capacity),
        window_limit_(std::max<std::size_t>(1, capacity / 100)),
        protected_limit_(static_cast<std::size_t>(0.8 * static_cast<double>(capacity - window_limit_))),
        sketch_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (!contains(window_, page) && !contains(probation_, page) && !contains(protected_, page)) {
      if (window_.size() + probation_.size() + protected_.size() == capacity_) evict();
      sketch_.add(page, 1);
      window_.push_back(page);
      if (window_.size() > window_limit_) probation_.push_back(pop_oldest(window_));
      return true;
    }
    sketch_.add(page, 1);
    if (contains(window_, page)) {
      make_youngest(window_, page);
    } else {
      take(probation_, page);
      make_youngest(protected_, page);
      if (protected_.size() > protected_limit_) probation_.push_back(pop_oldest(protected_));
    }
    return false;
  }

 private:
  void evict() {
    Pages& main = probation_.empty() ? protected_ : probation_;
    if (window_.size() < window_limit_ && !main.empty()) {
      pop_oldest(main);
    } else if (main.empty() || sketch_.estimate(window_.front()) <= sketch_.estimate(main.front())) {
      pop_oldest(window_);
    } else {
      pop_oldest(main);
    }
  }
  std::size_t capacity_, window_limit_, protected_limit_;
  policy::FrequencySketch sketch_;
  Pages window_, probation_, protected_;
};

}  // namespace pw::test
