// SPDX-License-Identifier: MIT
// How a set chooses the way to fill. Each choice is a class with the members
//
//   kOrdered           the ways of a set stand in order of age: a fill goes to the front and the last
//                      falls out; a hit moves to the front if kMovesOnHit
//   hit(set, way)      unordered choices only: the way was used
//   filled(set, way)   unordered choices only: the way was filled
//   victim(set)        unordered choices only: the way to replace in a full set
//
// A hit on the entry used last in its set changes nothing in any of them: the MRU filter relies on it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "tlb/config.h"

namespace pw::tlb {

struct SetShape {
  std::uint32_t sets = 0;
  std::uint32_t ways = 0;
};

// True least recently used.
class LruWays {
 public:
  static constexpr bool kOrdered = true;
  static constexpr bool kMovesOnHit = true;
  LruWays(SetShape, std::uint64_t) {}
};

// The way filled longest ago; hits do not count.
class FifoWays {
 public:
  static constexpr bool kOrdered = true;
  static constexpr bool kMovesOnHit = false;
  FifoWays(SetShape, std::uint64_t) {}
};

// A binary tree of bits per set, each pointing to the half used longer ago. Numbers of ways that are
// not a power of two use the tree of the next one and never descend to a leaf that is not there.
class TreePlruWays {
 public:
  static constexpr bool kOrdered = false;
  static constexpr std::uint32_t kMaxWays = 64;

  TreePlruWays(SetShape shape, std::uint64_t) : ways_(shape.ways), trees_(shape.sets) {
    while ((1u << depth_) < ways_) ++depth_;
  }

  void hit(std::uint32_t set, std::uint32_t way) {
    std::uint32_t node = 1;
    for (unsigned level = depth_; level-- > 0;) {
      const std::uint32_t right = way >> level & 1;
      const std::uint64_t bit = 1ull << node;
      trees_[set] = right ? trees_[set] & ~bit : trees_[set] | bit;  // point to the other half
      node = 2 * node + right;
    }
  }
  void filled(std::uint32_t set, std::uint32_t way) { hit(set, way); }
  std::uint32_t victim(std::uint32_t set) const {
    std::uint32_t node = 1, way = 0;
    for (unsigned level = depth_; level-- > 0;) {
      const std::uint32_t right_half = way | 1u << level;
      const bool right = (trees_[set] >> node & 1) && right_half < ways_;
      if (right) way = right_half;
      node = 2 * node + (right ? 1 : 0);
    }
    return way;
  }

 private:
  std::uint32_t ways_;
  unsigned depth_ = 0;
  std::vector<std::uint64_t> trees_;  // bit n: node n of the heap-ordered tree, root 1
};

// Any way, uniformly.
class RandomWays {
 public:
  static constexpr bool kOrdered = false;
  RandomWays(SetShape shape, std::uint64_t seed) : ways_(shape.ways), rng_(seed) {}

  void hit(std::uint32_t, std::uint32_t) {}
  void filled(std::uint32_t, std::uint32_t) {}
  std::uint32_t victim(std::uint32_t) { return static_cast<std::uint32_t>(rng_.below(ways_)); }

 private:
  std::uint32_t ways_;
  Rng rng_;
};

// Static re-reference interval prediction with 2 bits and hit priority (Jaleel et al., ISCA 2010):
// fills predict a long interval, hits a near one; the first way with the distant value leaves.
class SrripWays {
 public:
  static constexpr bool kOrdered = false;
  SrripWays(SetShape shape, std::uint64_t) : ways_(shape.ways), intervals_(std::size_t{shape.sets} * shape.ways, kDistant) {}

  void hit(std::uint32_t set, std::uint32_t way) { at(set, way) = 0; }
  void filled(std::uint32_t set, std::uint32_t way) { at(set, way) = kDistant - 1; }
  std::uint32_t victim(std::uint32_t set) {
    for (;;) {
      for (std::uint32_t way = 0; way < ways_; ++way)
        if (at(set, way) == kDistant) return way;
      for (std::uint32_t way = 0; way < ways_; ++way) ++at(set, way);
    }
  }

 private:
  static constexpr std::uint8_t kDistant = 3;
  std::uint8_t& at(std::uint32_t set, std::uint32_t way) { return intervals_[std::size_t{set} * ways_ + way]; }
  std::uint32_t ways_;
  std::vector<std::uint8_t> intervals_;
};

}  // namespace pw::tlb
