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

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "tlb/age_list.h"
#include "tlb/config.h"

namespace pw::tlb {

using Time = std::uint64_t;

enum class Uses : std::uint8_t { LookedUp, Noted };

struct SetShape {
  std::uint32_t sets = 0;
  std::uint32_t ways = 0;
  Uses uses = Uses::LookedUp;
  WayChoice choice = WayChoice::Lru;
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
  void filled(std::uint32_t set, std::uint32_t, Time) {
    if (!lists_.empty()) lists_[set].take_oldest(ways_);
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

}  // namespace pw::tlb
