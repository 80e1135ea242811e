// SPDX-License-Identifier: MIT
// How often keys were seen lately, estimated: a count-min sketch with four rows of 4-bit counters (Cormode
// and Muthukrishnan 2005), all halved whenever 10 references for each expected key were counted, as
// TinyLFU does. 8 bytes an expected key, rounded up to a power of two.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/lazy_array.h"

namespace pw::policy {

class FrequencySketch {
 public:
  explicit FrequencySketch(std::uint64_t keys)
      : words_(std::bit_ceil(std::max<std::uint64_t>(keys, 16)), Fills::Anywhere),
        sample_(10 * std::max<std::uint64_t>(keys, 1)) {}

  // The same as `count` times one.
  void add(std::uint64_t key, std::uint64_t count) {
    while (count > 0) {
      const std::uint64_t some = std::min(count, sample_ - counted_);
      raise(key, some);
      count -= some;
      counted_ += some;
      if (counted_ == sample_) halve();
    }
  }
  std::uint32_t estimate(std::uint64_t key) const {
    std::uint64_t least = kMost;
    for (unsigned row = 0; row < kRows; ++row) {
      const Place place = place_of(key, row);
      least = std::min(least, words_[place.word] >> place.shift & kMost);
    }
    return static_cast<std::uint32_t>(least);
  }

 private:
  static constexpr unsigned kRows = 4;
  static constexpr std::uint64_t kMost = 15;
  struct Place {
    std::size_t word;
    unsigned shift;
  };

  // A word has four counters of each row.
  Place place_of(std::uint64_t key, unsigned row) const {
    constexpr std::array<std::uint64_t, kRows> kSeeds = {0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f,
                                                         0x165667b19e3779f9, 0xd6e8feb86659fd93};
    std::uint64_t hash = (key + 1) * kSeeds[row];
    hash ^= hash >> 32;
    hash *= kSeeds[row];
    return {static_cast<std::size_t>(hash >> 32) & (words_.size() - 1),
            static_cast<unsigned>(hash & 3) * 16 + row * 4};
  }
  void raise(std::uint64_t key, std::uint64_t count) {
    for (unsigned row = 0; row < kRows; ++row) {
      const Place place = place_of(key, row);
      const std::uint64_t counter = words_[place.word] >> place.shift & kMost;
      words_[place.word] += std::min<std::uint64_t>(count, kMost - counter) << place.shift;
    }
  }
  void halve() {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] = words_[i] >> 1 & 0x7777777777777777;
    counted_ /= 2;
  }

  LazyArray<std::uint64_t> words_;
  std::uint64_t sample_;
  std::uint64_t counted_ = 0;
};

}  // namespace pw::policy
