// SPDX-License-Identifier: MIT
// A pseudo-random bijection of 0..size-1 without a table: a Feistel network over the next even power of two,
// walked until it comes back into range.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/rng.h"

namespace pw::trace {

class Permutation {
 public:
  // REQUIRES: size > 0
  Permutation(std::uint64_t size, std::uint64_t seed)
      : size_(size), half_bits_((static_cast<unsigned>(std::bit_width(size - 1)) + 1) / 2) {
    if (half_bits_ == 0) half_bits_ = 1;
    Rng rng(seed ^ 0x7065726d75746521);  // its own stream
    for (auto& key : keys_) key = rng.next();
  }

  // REQUIRES: index < size. Expects at most four steps on average.
  std::uint64_t at(std::uint64_t index) const {
    do index = encrypt(index);
    while (index >= size_);
    return index;
  }

 private:
  std::uint64_t encrypt(std::uint64_t value) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = value >> half_bits_;
    std::uint64_t right = value & mask;
    for (const std::uint64_t key : keys_) {
      const std::uint64_t mixed = ((right + key) * 0x9e3779b97f4a7c15 ^ key) * 0xbf58476d1ce4e5b9 >> 32;
      const std::uint64_t next = left ^ (mixed & mask);
      left = right;
      right = next;
    }
    return left << half_bits_ | right;
  }

  std::uint64_t size_;
  unsigned half_bits_;
  std::array<std::uint64_t, 6> keys_;
};

}  // namespace pw::trace
