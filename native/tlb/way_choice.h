// SPDX-License-Identifier: MIT
// How a set chooses the way to fill. An array keeps the time of each way's last use; a choice is a class
// that adds what else it needs:
//
//   used(set, way)         the way was used by a look-up of the array; sets are named by their number
//   filled(set, way, time) the way was filled
//   dropped(set, way)      the way holds nothing now
//   victim(set, uses)      the way to replace. `uses` are the set's times of last use, 0 for ways that
//                          hold nothing
//   needs_times()          whether anything follows from the times
//   kPrefersFree           victim() names ways that hold nothing first; else it is called for full sets
//   kHitsMatter            whether hits have any effect
//
// Level-one arrays are used by the hit filter, which notes the time of a use and nothing more (Uses::
// Noted): then used() is not always called and everything must follow from the times.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "tlb/age_list.h"
#include "tlb/config.h"

namespace pw::tlb {

using Time = std::uint64_t;

enum class Uses : std::uint8_t { LookedUp, Noted };

struct SetShape {
  std::uint32_t sets = 0;
  std::uint32_t ways = 0;
  Uses uses = Uses::LookedUp;
};

// The way with the least time; the first of equals.
PW_ALWAYS_INLINE std::uint32_t oldest_of(const Time* times, std::uint32_t ways) {
  std::uint32_t oldest = 0;
  Time least = times[0];
  for (std::uint32_t way = 1; way < ways; ++way) {
    oldest = times[way] < least ? way : oldest;
    least = times[way] < least ? times[way] : least;
  }
  return oldest;
}

// True least recently used: by list where uses are looked up, by time elsewhere.
class LruWays {
 public:
  static constexpr bool kPrefersFree = true;
  static constexpr bool kHitsMatter = true;

  LruWays(SetShape shape, std::uint64_t)
      : ways_(shape.ways),
        lists_(shape.uses == Uses::LookedUp && shape.ways <= AgeList::kMaxWays ? shape.sets : 0) {}

  bool needs_times() const { return lists_.empty(); }
  void used(std::uint32_t set, std::uint32_t way) {
    if (!lists_.empty()) lists_[set].rejuvenate(way);
  }
  void filled(std::uint32_t set, std::uint32_t way, Time) {
    if (!lists_.empty()) lists_[set].rejuvenate_oldest(ways_, way);
  }
  void dropped(std::uint32_t set, std::uint32_t way) {
    if (!lists_.empty()) lists_[set].make_oldest(ways_, way);
  }
  std::uint32_t victim(std::uint32_t set, const Time* uses) const {
    return lists_.empty() ? oldest_of(uses, ways_) : lists_[set].oldest(ways_);
  }
  // By set; nullptr where the times say.
  AgeList* lists() { return lists_.empty() ? nullptr : lists_.data(); }

 private:
  std::uint32_t ways_;
  std::vector<AgeList> lists_;
};

// First in, first out.
class FifoWays {
 public:
  static constexpr bool kPrefersFree = true;
  static constexpr bool kHitsMatter = false;

  FifoWays(SetShape shape, std::uint64_t) : ways_(shape.ways), fills_(std::size_t{shape.sets} * shape.ways) {}

  bool needs_times() const { return true; }
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
  static constexpr bool kPrefersFree = false;
  static constexpr bool kHitsMatter = true;
  static constexpr std::uint32_t kMaxWays = 64;

  TreePlruWays(SetShape shape, std::uint64_t) : ways_(shape.ways) {}

  bool needs_times() const { return true; }
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
  static constexpr bool kPrefersFree = false;
  static constexpr bool kHitsMatter = false;

  RandomWays(SetShape shape, std::uint64_t seed) : ways_(shape.ways), rng_(seed) {}

  bool needs_times() const { return true; }
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
  static constexpr bool kPrefersFree = false;
  static constexpr bool kHitsMatter = true;

  SrripWays(SetShape shape, std::uint64_t)
      : ways_(shape.ways),
        intervals_(std::size_t{shape.sets} * shape.ways, kDistant),
        fills_(std::size_t{shape.sets} * shape.ways) {}

  bool needs_times() const { return true; }
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

}  // namespace pw::tlb
