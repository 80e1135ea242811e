// SPDX-License-Identifier: MIT
// Every way choice in one class, which asks at run time which of them it is: for what need not be as fast as the
// machine's own LRU, and would else be compiled for each.
#pragma once

#include <bit>
#include <cstdint>
#include <variant>
#include <vector>

#include "base/rng.h"
#include "tlb/way_choice.h"

namespace pw::tlb {

// First in, first out.
class FifoWays {
 public:
  explicit FifoWays(SetShape shape) : ways_(shape.ways), fills_(std::size_t{shape.sets} * shape.ways) {}

  void used(std::uint32_t, std::uint32_t) {}
  void filled(std::uint32_t set, std::uint32_t way, Time time) {
    fills_[std::size_t{set} * ways_ + way] = time;
  }
  void dropped(std::uint32_t set, std::uint32_t way) { fills_[std::size_t{set} * ways_ + way] = 0; }
  std::uint32_t victim(std::uint32_t set, const Time*) const {
    return oldest_of(&fills_[std::size_t{set} * ways_], ways_);
  }

 private:
  std::uint32_t ways_;
  std::vector<Time> fills_;
};

// Tree-PLRU: a binary tree of bits per set, each pointing away from the half used last. Such a bit says
// which half's last use is the older one, so the victim follows from the times. Numbers of ways that
// are not a power of two use the tree of the next one and never descend to a leaf that is not there.
class TreePlruWays {
 public:
  static constexpr std::uint32_t kMaxWays = 64;

  explicit TreePlruWays(SetShape shape) : ways_(shape.ways) {}

  void used(std::uint32_t, std::uint32_t) {}
  void filled(std::uint32_t, std::uint32_t, Time) {}
  void dropped(std::uint32_t, std::uint32_t) {}
  std::uint32_t victim(std::uint32_t, const Time* uses) const {
    std::uint32_t way = 0;
    for (std::uint32_t half = std::bit_ceil(ways_) / 2; half != 0; half /= 2)
      if (way + half < ways_ && newest(uses, way + half, half) < newest(uses, way, half)) way += half;
    return way;
  }

 private:
  Time newest(const Time* uses, std::uint32_t first, std::uint32_t count) const {
    Time newest = 0;
    for (std::uint32_t way = first; way < first + count && way < ways_; ++way)
      newest = uses[way] > newest ? uses[way] : newest;
    return newest;
  }
  std::uint32_t ways_;
};

// Any way, uniformly.
class RandomWays {
 public:
  RandomWays(SetShape shape, std::uint64_t seed) : ways_(shape.ways), rng_(seed) {}

  void used(std::uint32_t, std::uint32_t) {}
  void filled(std::uint32_t, std::uint32_t, Time) {}
  void dropped(std::uint32_t, std::uint32_t) {}
  std::uint32_t victim(std::uint32_t, const Time*) { return static_cast<std::uint32_t>(rng_.below(ways_)); }

 private:
  std::uint32_t ways_;
  Rng rng_;
};

// Static re-reference interval prediction with 2 bits and hit priority (Jaleel et al., ISCA 2010):
// fills predict a long interval, hits a near one; the first way with the distant value leaves.
class SrripWays {
 public:
  explicit SrripWays(SetShape shape)
      : ways_(shape.ways),
        intervals_(std::size_t{shape.sets} * shape.ways, kDistant),
        fills_(std::size_t{shape.sets} * shape.ways) {}

  void used(std::uint32_t set, std::uint32_t way) { intervals_[std::size_t{set} * ways_ + way] = 0; }
  void filled(std::uint32_t set, std::uint32_t way, Time time) {
    intervals_[std::size_t{set} * ways_ + way] = kDistant - 1;
    fills_[std::size_t{set} * ways_ + way] = time;
  }
  void dropped(std::uint32_t, std::uint32_t) {}
  std::uint32_t victim(std::uint32_t set, const Time* uses) {
    std::uint8_t* intervals = &intervals_[std::size_t{set} * ways_];
    apply_hits(intervals, &fills_[std::size_t{set} * ways_], uses);
    for (;;) {
      for (std::uint32_t way = 0; way < ways_; ++way)
        if (intervals[way] == kDistant) return way;
      for (std::uint32_t way = 0; way < ways_; ++way) ++intervals[way];
    }
  }

 private:
  static constexpr std::uint8_t kDistant = 3;

  // Hits since the last time: those later than what was applied.
  void apply_hits(std::uint8_t* intervals, Time* applied, const Time* uses) const {
    for (std::uint32_t way = 0; way < ways_; ++way) {
      if (uses[way] <= applied[way]) continue;
      intervals[way] = 0;
      applied[way] = uses[way];
    }
  }

  std::uint32_t ways_;
  std::vector<std::uint8_t> intervals_;
  std::vector<Time> fills_;  // by way: the last fill or hit that its interval knows of
};

// Least recently used, by times alone.
class OldestWays {
 public:
  explicit OldestWays(SetShape shape) : ways_(shape.ways) {}

  void used(std::uint32_t, std::uint32_t) {}
  void filled(std::uint32_t, std::uint32_t, Time) {}
  void dropped(std::uint32_t, std::uint32_t) {}
  std::uint32_t victim(std::uint32_t, const Time* uses) const { return oldest_of(uses, ways_); }

 private:
  std::uint32_t ways_;
};

// Whichever of them the shape names.
class AnyWays {
 public:
  static constexpr bool kPrefersFree = false;
  static constexpr bool kHitsMatter = true;

  AnyWays(SetShape shape, std::uint64_t seed) : choice_(make(shape, seed)) {}

  static constexpr bool needs_times() { return true; }
  void used(std::uint32_t set, std::uint32_t way) {
    std::visit([&](auto& choice) { choice.used(set, way); }, choice_);
  }
  void filled(std::uint32_t set, std::uint32_t way, Time time) {
    std::visit([&](auto& choice) { choice.filled(set, way, time); }, choice_);
  }
  void dropped(std::uint32_t set, std::uint32_t way) {
    std::visit([&](auto& choice) { choice.dropped(set, way); }, choice_);
  }
  std::uint32_t victim(std::uint32_t set, const Time* uses) {
    return std::visit([&](auto& choice) { return choice.victim(set, uses); }, choice_);
  }

 private:
  using Choice = std::variant<OldestWays, FifoWays, TreePlruWays, RandomWays, SrripWays>;

  static Choice make(SetShape shape, std::uint64_t seed) {
    switch (shape.choice) {
      case WayChoice::Fifo: return FifoWays(shape);
      case WayChoice::TreePlru: return TreePlruWays(shape);
      case WayChoice::Random: return RandomWays(shape, seed);
      case WayChoice::Srrip: return SrripWays(shape);
      case WayChoice::Lru: break;
    }
    return OldestWays(shape);
  }

  Choice choice_;
};

}  // namespace pw::tlb
