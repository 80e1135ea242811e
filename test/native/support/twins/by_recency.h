// SPDX-License-Identifier: MIT
// Naive twins of the policies that go by arrival, recency or counts of uses.
#pragma once

#include <array>
#include <bit>
#include <map>
#include <set>
#include <tuple>

#include "support/twins/twin.h"

namespace pw::test {

// FIFO, LRU, MRU: one list; a use makes a page the youngest or changes nothing.
class OneListTwin final : public Twin {
 public:
  enum class Order { Arrival, Use };
  enum class Leaves { Oldest, Youngest };
  OneListTwin(std::size_t capacity, Order order, Leaves leaves)
      : capacity_(capacity), order_(order), leaves_(leaves) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(pages_, page)) {
      if (order_ == Order::Use) make_youngest(pages_, page);
      return false;
    }
    if (pages_.size() == capacity_)
      pages_.erase(leaves_ == Leaves::Oldest ? pages_.begin() : pages_.end() - 1);
    pages_.push_back(page);
    return true;
  }

 private:
  std::size_t capacity_;
  Order order_;
  Leaves leaves_;
  Pages pages_;
};

// CLOCK with counters up to `most`, and second chance, whose pages may start at 1.
class ClockTwin final : public Twin {
 public:
  ClockTwin(std::size_t capacity, unsigned most, unsigned loaded)
      : capacity_(capacity), most_(most), loaded_(loaded) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(queue_, page)) {
      counter_[page] = std::min(counter_[page] + 1, most_);
      return false;
    }
    if (queue_.size() == capacity_) {
      while (counter_[queue_.front()] > 0) {
        --counter_[queue_.front()];
        make_youngest(queue_, queue_.front());
      }
      pop_oldest(queue_);
    }
    queue_.push_back(page);
    counter_[page] = loaded_;
    return true;
  }

 private:
  std::size_t capacity_;
  unsigned most_, loaded_;
  Pages queue_;
  std::map<std::uint64_t, unsigned> counter_;
};

class SieveTwin final : public Twin {
 public:
  explicit SieveTwin(std::size_t capacity) : capacity_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(queue_, page)) {
      visited_.insert(page);
      return false;
    }
    if (queue_.size() == capacity_) {
      while (visited_.erase(queue_[hand_]) > 0) hand_ = (hand_ + 1) % queue_.size();
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(hand_));
      if (hand_ == queue_.size()) hand_ = 0;
    }
    queue_.push_back(page);
    return true;
  }

 private:
  std::size_t capacity_;
  std::size_t hand_ = 0;
  Pages queue_;
  std::set<std::uint64_t> visited_;
};

// Not referenced before referenced, clean before dirty; in a class by the order of getting into it.
class NruTwin final : public Twin {
 public:
  NruTwin(std::size_t capacity, std::size_t interval) : capacity_(capacity), interval_(interval) {}
  bool refer(std::uint64_t page, bool store) override {
    const bool hit = state_.contains(page);
    if (!hit && state_.size() == capacity_) evict();
    if (!hit) classes_[0].push_back(page);
    state_[page].referenced |= hit;
    state_[page].dirty |= store;
    if (!hit && ++faults_ % interval_ == 0) clear();
    return !hit;
  }

 private:
  struct State {
    bool referenced = false, dirty = false;
  };
  void evict() {
    for (;;) {
      std::size_t lowest = 0;
      while (classes_[lowest].empty()) ++lowest;
      const std::uint64_t page = pop_oldest(classes_[lowest]);
      const std::size_t found = lowest | (state_[page].referenced ? 2 : 0) | (state_[page].dirty ? 1 : 0);
      if (found == lowest) {
        state_.erase(page);
        return;
      }
      // The bit is taken into the class, where it stays until the next clearing.
      state_[page].referenced = false;
      classes_[found].push_back(page);
    }
  }
  void clear() {
    Pages all;
    for (Pages& pages : classes_) {
      all.insert(all.end(), pages.begin(), pages.end());
      pages.clear();
    }
    for (const std::uint64_t page : all) state_[page].referenced = false;
    classes_[0] = all;
  }
  std::size_t capacity_, interval_, faults_ = 0;
  std::array<Pages, 4> classes_;
  std::map<std::uint64_t, State> state_;
};

class AgingTwin final : public Twin {
 public:
  AgingTwin(std::size_t capacity, std::size_t interval) : capacity_(capacity), interval_(interval) {}
  bool refer(std::uint64_t page, bool) override {
    for (Entry& entry : entries_)
      if (entry.page == page) {
        entry.referenced = true;
        return false;
      }
    if (entries_.size() == capacity_) entries_.erase(least());
    entries_.push_back({page, 0x80, false});
    if (++faults_ % interval_ == 0) tick();
    return true;
  }

 private:
  struct Entry {
    std::uint64_t page;
    unsigned counter;
    bool referenced;
  };
  // Of equal counters the first: entries stand in the order in which they got their counters.
  std::vector<Entry>::iterator least() {
    return std::min_element(entries_.begin(), entries_.end(),
                            [](const Entry& a, const Entry& b) { return a.counter < b.counter; });
  }
  void tick() {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.counter < b.counter; });
    for (Entry& entry : entries_)
      entry = {entry.page, entry.counter / 2 + (entry.referenced ? 0x80u : 0u), false};
  }
  std::size_t capacity_, interval_, faults_ = 0;
  std::vector<Entry> entries_;
};

// Segments, the lowest first.
class SlruTwin final : public Twin {
 public:
  SlruTwin(std::size_t capacity, std::size_t segments)
      : capacity_(capacity), limit_(std::max<std::size_t>(1, capacity / segments)), segments_(segments) {}
  bool refer(std::uint64_t page, bool) override {
    for (std::size_t i = 0; i < segments_.size(); ++i)
      if (contains(segments_[i], page)) {
        hit(i, page);
        return false;
      }
    std::size_t resident = 0;
    for (const Pages& segment : segments_) resident += segment.size();
    if (resident == capacity_) evict();
    auto room = std::find_if(segments_.begin(), segments_.end(),
                             [this](const Pages& segment) { return segment.size() < limit_; });
    if (room == segments_.end()) room = segments_.begin();
    room->push_back(page);
    return true;
  }

 private:
  void hit(std::size_t segment, std::uint64_t page) {
    take(segments_[segment], page);
    const std::size_t to = std::min(segment + 1, segments_.size() - 1);
    segments_[to].push_back(page);
    if (segments_[to].size() > limit_) give_down(to);
  }
  void give_down(std::size_t segment) {
    if (segment == 0) return evict();
    const std::uint64_t page = pop_oldest(segments_[segment]);
    while (segments_[segment - 1].size() >= limit_) give_down(segment - 1);
    segments_[segment - 1].push_back(page);
  }
  void evict() {
    auto lowest = segments_.begin();
    while (lowest->empty()) ++lowest;
    pop_oldest(*lowest);
  }
  std::size_t capacity_, limit_;
  std::vector<Pages> segments_;
};

// Times of all references of every page that has a history.
class LruKTwin final : public Twin {
 public:
  LruKTwin(std::size_t capacity, std::size_t k, std::uint64_t correlated, std::size_t history)
      : capacity_(capacity), k_(k), correlated_(correlated), history_(history) {}
  bool refer(std::uint64_t page, bool) override {
    ++now_;
    if (contains(resident_, page)) {
      use(page);
      return false;
    }
    if (!take(ghosts_, page)) times_.erase(page);
    if (resident_.size() == capacity_) evict();
    resident_.push_back(page);
    times_[page].push_back(now_);
    last_[page] = now_;
    return true;
  }

 private:
  void use(std::uint64_t page) {
    Pages& times = times_[page];
    if (now_ - last_[page] > correlated_) {
      const std::uint64_t burst = last_[page] - times.back();
      for (std::uint64_t& time : times) time += burst;
      times.push_back(now_);
    }
    last_[page] = now_;
  }
  auto key(std::uint64_t page) const {
    const Pages& times = times_.at(page);
    return std::pair(times.size() < k_ ? 0 : times[times.size() - k_], last_.at(page));
  }
  void evict() {
    Pages old;
    for (const std::uint64_t page : resident_)
      if (now_ - last_[page] > correlated_) old.push_back(page);
    const Pages& from = old.empty() ? resident_ : old;
    const std::uint64_t victim = *std::min_element(
        from.begin(), from.end(), [this](std::uint64_t a, std::uint64_t b) { return key(a) < key(b); });
    take(resident_, victim);
    remember(ghosts_, victim, history_);
  }
  std::size_t capacity_, k_;
  std::uint64_t correlated_;
  std::size_t history_;
  std::uint64_t now_ = 0;
  Pages resident_, ghosts_;
  std::map<std::uint64_t, Pages> times_;
  std::map<std::uint64_t, std::uint64_t> last_;
};

class LfuTwin final : public Twin {
 public:
  LfuTwin(std::size_t capacity, std::size_t mean) : capacity_(capacity), mean_(mean) {}
  bool refer(std::uint64_t page, bool) override {
    ++now_;
    const bool hit = uses_.contains(page);
    if (!hit && uses_.size() == capacity_)
      uses_.erase(std::min_element(uses_.begin(), uses_.end(),
                                   [](const auto& a, const auto& b) { return a.second < b.second; }));
    uses_[page] = {uses_[page].first + 1, now_};
    std::uint64_t sum = 0;
    for (const auto& entry : uses_) sum += entry.second.first;
    if (mean_ != 0 && sum > mean_ * uses_.size())
      for (auto& entry : uses_) entry.second.first = (entry.second.first + 1) / 2;
    return !hit;
  }

 private:
  std::size_t capacity_, mean_;
  std::uint64_t now_ = 0;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> uses_;  // count, since when
};

}  // namespace pw::test
