// SPDX-License-Identifier: MIT
// Naive twins of the policies that learn: CACHEUS and the one in the style of Hawkeye.
#pragma once

#include <array>
#include <cmath>
#include <map>

#include "policy/learning_rate.h"
#include "support/twins/twin.h"

namespace pw::test {

// The adaptation of its learning rate is the policy's own.
class CacheusTwin final : public Twin {
 public:
  CacheusTwin(std::size_t capacity, std::uint64_t seed)
      : rng_(seed),
        capacity_(capacity),
        rate_(rng_, capacity),
        new_limit_(std::max<std::size_t>(1, capacity / 100)) {}
  bool refer(std::uint64_t page, bool) override {
    ++now_;
    const bool hit = contains(new_, page) || contains(used_, page);
    rate_.count(hit ? policy::LearningRate::Reference::Hit : policy::LearningRate::Reference::Miss, 1);
    if (hit)
      use(page);
    else
      load(page);
    return !hit;
  }

 private:
  struct State {
    std::uint64_t uses = 0, last = 0;
    bool fresh = false, demoted = false;
  };
  void use(std::uint64_t page) {
    State& it = state_[page];
    if (it.demoted) {
      const std::size_t step = ratio(fresh_ghosts(), demoted());
      new_limit_ = new_limit_ > step ? new_limit_ - step : 1;
    }
    it = {it.uses + 1, now_, false, false};
    take(new_, page);
    make_youngest(used_, page);
    limit(0);
  }
  void load(std::uint64_t page) {
    bool known = false;
    for (std::size_t expert = 0; expert < 2 && !known; ++expert) {
      known = take(ghosts_[expert], page);
      if (!known) continue;
      const bool fresh = state_[page].fresh;
      if (expert == 0 && fresh)
        new_limit_ =
            std::min(std::max<std::size_t>(1, capacity_ - 1), new_limit_ + ratio(demoted(), fresh_ghosts()));
      weights_[expert] *= std::exp(-rate_.value());
      weights_[0] = std::clamp(weights_[0] / (weights_[0] + weights_[1]), 0.01, 0.99);
      weights_[1] = 1 - weights_[0];
    }
    if (new_.size() + used_.size() == capacity_) evict();
    limit(1);
    const bool filling = new_.empty() && used_.size() + new_limit_ < capacity_;
    state_[page] = {known ? state_[page].uses + 1 : 1, now_, !known && !filling, false};
    (known || filling ? used_ : new_).push_back(page);
    limit(0);
  }
  void limit(std::size_t coming) {
    while (!used_.empty() && used_.size() + coming + new_limit_ > capacity_) {
      state_[used_.front()].demoted = true;
      new_.push_back(pop_oldest(used_));
    }
  }
  void evict() {
    const std::uint64_t lru = new_.empty() ? used_.front() : new_.front();
    Pages all = new_;
    all.insert(all.end(), used_.begin(), used_.end());
    const std::uint64_t lfu =
        *std::min_element(all.begin(), all.end(), [this](std::uint64_t a, std::uint64_t b) {
          const State &x = state_[a], &y = state_[b];
          return x.uses != y.uses ? x.uses < y.uses : x.last > y.last;
        });
    std::uint64_t victim = lru;
    if (lru != lfu) {
      const std::size_t expert = rng_.unit() < weights_[0] ? 0 : 1;
      if (expert == 1) victim = lfu;
      if (capacity_ / 2 > 0) remember(ghosts_[expert], victim, capacity_ / 2);
    }
    take(new_, victim);
    take(used_, victim);
    state_[victim].demoted = false;
  }
  static std::size_t ratio(std::size_t a, std::size_t b) {
    return std::max<std::size_t>(1, b == 0 ? a : (2 * a + b) / (2 * b));
  }
  std::size_t demoted() const {
    return static_cast<std::size_t>(std::count_if(
        new_.begin(), new_.end(), [this](std::uint64_t page) { return state_.at(page).demoted; }));
  }
  std::size_t fresh_ghosts() const {
    return static_cast<std::size_t>(std::count_if(
        ghosts_[0].begin(), ghosts_[0].end(), [this](std::uint64_t page) { return state_.at(page).fresh; }));
  }
  Rng rng_;
  std::size_t capacity_;
  policy::LearningRate rate_;
  std::size_t new_limit_;
  std::uint64_t now_ = 0;
  double weights_[2] = {0.5, 0.5};
  Pages new_, used_, ghosts_[2];
  std::map<std::uint64_t, State> state_;
};

class HawkeyeTwin final : public Twin {
 public:
  HawkeyeTwin(std::size_t capacity, std::uint64_t region) : capacity_(capacity), region_(region) {}
  bool refer(std::uint64_t page, bool) override {
    learn(page);
    const bool hit = take(averse_, page) || take(friendly_, page);
    if (!hit && averse_.size() + friendly_.size() == capacity_) {
      if (averse_.empty())
        trust(pop_oldest(friendly_), -1);
      else
        pop_oldest(averse_);
    }
    (confidence(page) >= 4 ? friendly_ : averse_).push_back(page);
    return !hit;
  }

 private:
  static std::uint64_t hash(std::uint64_t value) {
    value *= 0x9e3779b97f4a7c15;
    return value ^ value >> 32;
  }
  int& confidence(std::uint64_t page) {
    return confidence_.try_emplace(hash(page / region_) % 8192, 4).first->second;
  }
  void trust(std::uint64_t page, int change) {
    confidence(page) = std::clamp(confidence(page) + change, 0, 7);
  }
  void learn(std::uint64_t page) {
    const std::uint64_t now = used_ / std::max<std::size_t>(1, capacity_ / 8);
    if (contains(used_pages_, page)) {
      const std::uint64_t last = last_[page];
      bool fits = now - last < 64;
      for (std::uint64_t quantum = last; quantum < now && fits; ++quantum)
        fits = occupied_[quantum] < capacity_;
      for (std::uint64_t quantum = last; quantum < now && fits; ++quantum) ++occupied_[quantum];
      trust(page, fits ? 1 : -1);
      if (last == now) return;
      take(used_pages_, page);
    }
    ++used_;
    last_[page] = now;
    remember(used_pages_, page, 4 * capacity_);
  }
  std::size_t capacity_;
  std::uint64_t region_;
  std::uint64_t used_ = 0;  // first uses in a quantum
  Pages averse_, friendly_, used_pages_;
  std::map<std::uint64_t, std::uint64_t> last_, occupied_;
  std::map<std::uint64_t, int> confidence_;
};

}  // namespace pw::test
