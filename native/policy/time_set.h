// SPDX-License-Identifier: MIT
// A set of times below a bound: a bitmap and summaries, 64-ary, in which bit i says that word i of the
// level below is not zero. Every operation reads at most one word of each level; a bit per time.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace pw::policy {

class TimeSet {
 public:
  explicit TimeSet(std::uint64_t end) {
    do {
      end = end / 64 + 1;
      levels_.emplace_back(end);
    } while (end > 1);
  }

  void add(std::uint64_t time) {
    for (std::vector<std::uint64_t>& level : levels_) {
      std::uint64_t& word = level[time / 64];
      const bool was_empty = word == 0;
      word |= bit(time);
      if (!was_empty) return;
      time /= 64;
    }
  }
  void remove(std::uint64_t time) {
    for (std::vector<std::uint64_t>& level : levels_) {
      std::uint64_t& word = level[time / 64];
      word &= ~bit(time);
      if (word != 0) return;
      time /= 64;
    }
  }
  // REQUIRES: the set is not empty.
  std::uint64_t last() const {
    PW_DCHECK(levels_.back()[0] != 0);
    return last_under(levels_.size(), 0);
  }
  // The last time before this one; this one itself if there is none.
  std::uint64_t before(std::uint64_t time) const {
    std::uint64_t place = time;
    for (std::size_t level = 0; level < levels_.size(); ++level, place /= 64) {
      const std::uint64_t lower = levels_[level][place / 64] & (bit(place) - 1);
      if (lower != 0) return last_under(level, place / 64 * 64 + top(lower));
    }
    return time;
  }

 private:
  static std::uint64_t bit(std::uint64_t time) { return std::uint64_t{1} << (time % 64); }
  static std::uint64_t top(std::uint64_t word) {
    return 63 - static_cast<std::uint64_t>(std::countl_zero(word));
  }
  // The last time below bit `place` of a level.
  std::uint64_t last_under(std::size_t level, std::uint64_t place) const {
    while (level-- > 0) place = place * 64 + top(levels_[level][place]);
    return place;
  }

  std::vector<std::vector<std::uint64_t>> levels_;
};

}  // namespace pw::policy
