// SPDX-License-Identifier: MIT
// Ranges of whole numbers without gaps, each by its last: finds the range of a number.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace pw::analysis {

class Bins {
 public:
  // REQUIRES: ascending, each once.
  explicit Bins(std::vector<std::uint64_t> lasts) : lasts_(std::move(lasts)) {
    for (std::size_t bits = 0; bits < first_.size(); ++bits)
      first_[bits] = index_from(0, bits == 0 ? 0 : std::uint64_t{1} << (bits - 1));
  }
  // 0 where `with_zero`, then so many for each power of two, as far as it has numbers for them, up to one with `most`.
  static Bins logarithmic(std::uint64_t most, std::uint64_t per_power, bool with_zero) {
    std::vector<std::uint64_t> lasts;
    if (with_zero) lasts.push_back(0);
    for (std::uint64_t power = 1; power != 0 && power <= most; power *= 2) {
      const std::uint64_t parts = std::min(power, per_power);
      for (std::uint64_t part = 1; part <= parts; ++part)
        lasts.push_back(power - 1 + power / parts * part + power % parts * part / parts);
    }
    return Bins(std::move(lasts));
  }

  std::size_t size() const { return lasts_.size(); }
  std::uint64_t first(std::size_t bin) const { return bin == 0 ? 0 : lasts_[bin - 1] + 1; }
  std::uint64_t last(std::size_t bin) const { return lasts_[bin]; }
  // size() for a number behind all.
  std::size_t index_of(std::uint64_t number) const {
    return index_from(first_[static_cast<std::size_t>(std::bit_width(number))], number);
  }

 private:
  std::size_t index_from(std::size_t from, std::uint64_t number) const {
    const auto begin = lasts_.begin() + static_cast<std::ptrdiff_t>(from);
    return static_cast<std::size_t>(std::lower_bound(begin, lasts_.end(), number) - lasts_.begin());
  }

  std::vector<std::uint64_t> lasts_;
  std::array<std::size_t, 65> first_ = {};  // by bit width: the range of the least number of that width
};

}  // namespace pw::analysis
