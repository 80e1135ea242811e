// SPDX-License-Identifier: MIT
// An array that tells the least of its first elements: a tree of nodes of 16, each a line of memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/huge_page_allocator.h"

namespace pw::analysis {

class MinTree {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // All elements kNone. REQUIRES: 0 < size < 2^32 - 16.
  explicit MinTree(std::uint32_t size) {
    do {
      size = (size + kFan - 1) / kFan;
      levels_.emplace_back(std::size_t{size} * kFan, kNone);
    } while (size > 1);
  }

  std::uint32_t operator[](std::uint32_t index) const { return levels_[0][index]; }
  PW_ALWAYS_INLINE void prefetch(std::uint32_t index) const {
    PW_PREFETCH(&levels_[0][index]);
    if (levels_.size() > 1) PW_PREFETCH(&levels_[1][index / kFan]);
  }

  void set(std::uint32_t index, std::uint32_t value) {
    levels_[0][index] = value;
    for (std::size_t level = 1; level < levels_.size(); ++level) {
      const std::uint32_t least = least_of(&levels_[level - 1][index / kFan * kFan], kFan);
      index /= kFan;
      if (levels_[level][index] == least) return;
      levels_[level][index] = least;
    }
  }
  // The least element below index `end`.
  std::uint32_t least_before(std::uint32_t end) const {
    std::uint32_t least = kNone;
    for (const auto& level : levels_) {
      least = std::min(least, least_of(&level[end / kFan * kFan], end % kFan));
      end /= kFan;
    }
    return least;
  }

 private:
  static constexpr std::uint32_t kFan = 16;

  static std::uint32_t least_of(const std::uint32_t* node, std::uint32_t count) {
    std::uint32_t least = kNone;
    for (std::uint32_t i = 0; i < kFan; ++i) least = std::min(least, i < count ? node[i] : kNone);
    return least;
  }

  std::vector<LargeVector<std::uint32_t>>
      levels_;  // the elements, then the least of each 16 of the level below
};

}  // namespace pw::analysis
