// SPDX-License-Identifier: MIT
// Naive twins of what operating systems do, or did, and of the policies of variable allocation.
#pragma once

#include <array>
#include <bit>
#include <map>
#include <set>

#include "support/twins/twin.h"

namespace pw::test {

class WsClockTwin final : public Twin {
 public:
  WsClockTwin(std::size_t capacity, std::uint64_t tau, std::size_t scan)
      : capacity_(capacity), tau_(tau), scan_(scan) {}
  bool refer(std::uint64_t page, bool store) override {
    ++now_;
    const bool hit = contains(ring_, page);
    if (!hit && ring_.size() == capacity_) evict();
    if (!hit) ring_.push_back(page), last_[page] = now_;
    if (hit) referenced_.insert(page);
    if (store) dirty_.insert(page);
    return !hit;
  }

 private:
  void evict() {
    Pages seen, old_dirty;
    std::uint64_t victim = ring_.front();
    bool found = false;
    for (std::size_t i = std::min(scan_, ring_.size()); i > 0 && !found; --i) {
      const std::uint64_t page = ring_.front();
      const bool used = referenced_.erase(page) > 0;
      if (used) last_[page] = now_;
      const bool old = !used && now_ - last_[page] > tau_;
      found = old && !dirty_.contains(page);
      if (found) victim = page;
      if (old && !found) old_dirty.push_back(page);
      seen.push_back(page);
      if (!found) make_youngest(ring_, page);
    }
    if (!found)
      victim = !old_dirty.empty() ? old_dirty.front()
                                  : *std::min_element(seen.begin(), seen.end(),
                                                      [this](auto a, auto b) { return last_[a] < last_[b]; });
    take(ring_, victim);
    dirty_.erase(victim);
  }
  std::size_t capacity_;
  std::uint64_t tau_;
  std::size_t scan_;
  std::uint64_t now_ = 0;
  Pages ring_;
  std::map<std::uint64_t, std::uint64_t> last_;
  std::set<std::uint64_t> referenced_, dirty_;
};

// A fault where the reuse time is above tau: nothing else has to be known.
class WorkingSetTwin final : public Twin {
 public:
  explicit WorkingSetTwin(std::uint64_t tau) : tau_(tau) {}
  bool refer(std::uint64_t page, bool) override {
    ++now_;
    const bool hit = last_.contains(page) && now_ - last_[page] <= tau_;
    last_[page] = now_;
    return !hit;
  }

 private:
  std::uint64_t tau_, now_ = 0;
  std::map<std::uint64_t, std::uint64_t> last_;
};

class PageFaultFrequencyTwin final : public Twin {
 public:
  explicit PageFaultFrequencyTwin(std::uint64_t threshold) : threshold_(threshold) {}
  bool refer(std::uint64_t page, bool) override {
    ++now_;
    const bool hit = resident_.contains(page);
    if (!hit) {
      if (now_ - last_fault_ > threshold_) resident_ = used_;
      last_fault_ = now_;
      used_.clear();
      resident_.insert(page);
    }
    used_.insert(page);
    return !hit;
  }

 private:
  std::uint64_t threshold_, now_ = 0, last_fault_ = 0;
  std::set<std::uint64_t> resident_, used_;  // used since the last fault
};

class ActiveInactiveTwin final : public Twin {
 public:
  explicit ActiveInactiveTwin(std::size_t capacity) : capacity_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(active_, page) || contains(inactive_, page)) {
      accessed_.insert(page);
      return false;
    }
    if (active_.size() + inactive_.size() == capacity_) evict();
    const bool known = take(ghosts_, page);
    const bool refault = known && age_ - evicted_[page] <= active_.size();
    if (refault) ++age_;
    (refault ? active_ : inactive_).push_back(page);
    return true;
  }

 private:
  void evict() {
    for (;;) {
      while (inactive_.size() < active_.size()) {
        const std::uint64_t page = pop_oldest(active_);
        accessed_.erase(page);
        inactive_.push_back(page);
      }
      const std::uint64_t page = pop_oldest(inactive_);
      const bool accessed = accessed_.erase(page) > 0;
      const bool seen = seen_.erase(page) > 0;
      if (!accessed) {
        evicted_[page] = age_++;
        remember(ghosts_, page, capacity_);
        return;
      }
      (seen ? active_ : inactive_).push_back(page);
      if (seen)
        ++age_;
      else
        seen_.insert(page);
    }
  }
  std::size_t capacity_;
  std::uint64_t age_ = 0;
  Pages active_, inactive_, ghosts_;
  std::set<std::uint64_t> accessed_, seen_;
  std::map<std::uint64_t, std::uint64_t> evicted_;
};

class MgLruTwin final : public Twin {
 public:
  explicit MgLruTwin(std::size_t capacity) : capacity_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (state_.contains(page)) {
      state_[page].accessed = true;
      return false;
    }
    if (state_.size() == capacity_) evict();
    if (take(ghosts_, page) && oldest_ - shadow_[page].generation < 2)
      refaulted_[tier(shadow_[page].uses)] += 1;
    std::size_t slot = 0;  // frames are given out lowest first, then the victim's
    while (slots_.size() > slot && slots_[slot] != kFree) ++slot;
    if (slot == slots_.size()) slots_.push_back(kFree);
    slots_[slot] = page;
    state_[page] = {};
    put(page, youngest_);
    return true;
  }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  struct State {
    std::uint64_t generation = 0, uses = 0;
    bool accessed = false;
  };
  static std::size_t tier(std::uint64_t uses) { return std::min<std::size_t>(std::bit_width(uses), 3); }
  void put(std::uint64_t page, std::uint64_t generation) {
    for (auto& list : lists_) take(list.second, page);
    lists_[generation].push_back(page);
    state_[page].generation = generation;
  }
  void age() {
    for (const std::uint64_t page : slots_)
      if (page != kFree && state_[page].accessed) use(page, youngest_);
    ++youngest_;
    for (std::size_t i = 0; i < 4; ++i) refaulted_[i] /= 2, evicted_[i] /= 2;
  }
  void use(std::uint64_t page, std::uint64_t generation) {
    state_[page].accessed = false;
    ++state_[page].uses;
    put(page, generation);
  }
  bool comes_back_too_often(std::size_t i) const {
    return refaulted_[i] >= 64 &&
           refaulted_[i] * (evicted_[0] + 64) * 2 > (refaulted_[0] + 1) * evicted_[i] * 3;
  }
  bool is_protected(std::size_t its_tier) const {
    for (std::size_t i = 1; i <= its_tier; ++i)
      if (comes_back_too_often(i)) return true;
    return false;
  }
  void evict() {
    for (;;) {
      while (oldest_ < youngest_ && lists_[oldest_].empty()) ++oldest_;
      if (youngest_ - oldest_ < 2) {
        age();
        continue;
      }
      const std::uint64_t page = lists_[oldest_].front();
      State& it = state_[page];
      if (it.accessed) {
        use(page, youngest_);
      } else if (is_protected(tier(it.uses))) {
        put(page, oldest_ + 1);
      } else {
        ++evicted_[tier(it.uses)];
        shadow_[page] = it;
        remember(ghosts_, page, capacity_);
        pop_oldest(lists_[oldest_]);
        *std::find(slots_.begin(), slots_.end(), page) = kFree;
        state_.erase(page);
        return;
      }
    }
  }
  std::size_t capacity_;
  std::uint64_t oldest_ = 0, youngest_ = 3;
  Pages slots_, ghosts_;
  std::map<std::uint64_t, Pages> lists_;  // by generation
  std::map<std::uint64_t, State> state_, shadow_;
  std::array<std::uint64_t, 4> refaulted_{}, evicted_{};
};

}  // namespace pw::test
