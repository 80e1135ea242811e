// SPDX-License-Identifier: MIT
// The ways of one set by the time of their last use, the youngest first, four bits each in one word: at most
// 16 ways. A fill takes the last and shifts once. Fields beyond the ways are not used.
#pragma once

#include <bit>
#include <cstdint>

namespace pw::tlb {

class AgeList {
 public:
  static constexpr std::uint32_t kMaxWays = 16;

  std::uint32_t oldest(std::uint32_t ways) const {
    return static_cast<std::uint32_t>(word_ >> last(ways) & 15);
  }
  // The oldest, which is the youngest from now on. What it leaves beyond the ways nobody reads.
  std::uint32_t take_oldest(std::uint32_t ways) {
    const std::uint32_t way = oldest(ways);
    word_ = word_ << 4 | way;
    return way;
  }
  void rejuvenate(std::uint32_t way) {
    const unsigned place = place_of(way);
    const std::uint64_t younger = word_ & ((1ull << place) - 1);
    const std::uint64_t older = place == 60 ? 0 : word_ >> (place + 4) << (place + 4);
    word_ = older | younger << 4 | way;
  }
  void make_oldest(std::uint32_t ways, std::uint32_t way) {
    const unsigned place = place_of(way);
    const std::uint64_t listed = ways == kMaxWays ? ~0ull : (1ull << 4 * ways) - 1;
    const std::uint64_t younger = word_ & ((1ull << place) - 1);
    const std::uint64_t older = (word_ & listed) >> place >> 4 << place;
    word_ = younger | older | static_cast<std::uint64_t>(way) << last(ways);
  }

 private:
  static constexpr std::uint64_t kOnes = 0x1111111111111111;

  static constexpr unsigned last(std::uint32_t ways) { return 4 * (ways - 1); }
  // Bit position of the way's field: the lowest zero field of the difference.
  unsigned place_of(std::uint32_t way) const {
    const std::uint64_t difference = word_ ^ kOnes * way;
    const std::uint64_t zero = (difference - kOnes) & ~difference & kOnes << 3;
    return static_cast<unsigned>(std::countr_zero(zero)) - 3;
  }

  std::uint64_t word_ = 0xfedcba9876543210;
};

}  // namespace pw::tlb
