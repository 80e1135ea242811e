// SPDX-License-Identifier: MIT
// Accesses counted by kind in one word, a field of kTallyBits for each: what the loop adds up access by access where
// the kind has to be looked at anyway, and what is counted many at once where kinds stand in an array.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/access.h"
#include "mmu/hit_filter.h"

namespace pw::machine {

// How many of up to 255 blocks' kinds have a property, by place in the block: a vector of bytes, which stays in a register.
struct KindCounts {
  static constexpr std::size_t kBlock = 16;
  static constexpr std::size_t kMostBlocks = 255;
  using Bytes = std::array<std::uint8_t, kBlock>;

  Bytes odd{};    // loads and modifies
  Bytes upper{};  // stores and modifies
  Bytes modifies{};

  static std::uint64_t sum(const Bytes& bytes) {
    constexpr std::uint64_t kEven = 0x00ff00ff00ff00ff;
    std::array<std::uint64_t, kBlock / sizeof(std::uint64_t)> words;
    std::memcpy(words.data(), bytes.data(), sizeof bytes);
    std::uint64_t pairs = 0;
    for (const std::uint64_t word : words) pairs += (word & kEven) + (word >> 8 & kEven);
    return pairs * 0x0001000100010001 >> 48;
  }

  PW_ALWAYS_INLINE void add(const std::uint8_t* kinds) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      odd[i] += kinds[i] & 1;
      upper[i] += kinds[i] >> 1;
      modifies[i] += kinds[i] & kinds[i] >> 1;
    }
  }
};

constexpr std::uint64_t tally_of(AccessKind kind, std::uint64_t accesses) {
  return accesses << (mmu::kTallyBits * static_cast<unsigned>(kind));
}

// REQUIRES: every byte is a kind; fewer than 2^kTallyBits.
inline std::uint64_t tally_of(std::span<const std::uint8_t> kinds) {
  std::uint64_t odd = 0, upper = 0, modifies = 0;
  for (std::size_t at = 0; at != kinds.size();) {
    KindCounts counts;
    const std::size_t blocks = std::min(KindCounts::kMostBlocks, (kinds.size() - at) / KindCounts::kBlock);
    for (std::size_t block = 0; block < blocks; ++block, at += KindCounts::kBlock) counts.add(&kinds[at]);
    if (blocks == 0) {
      KindCounts::Bytes rest{};
      std::ranges::copy(kinds.subspan(at), rest.begin());
      counts.add(rest.data());
      at = kinds.size();
    }
    odd += KindCounts::sum(counts.odd);
    upper += KindCounts::sum(counts.upper);
    modifies += KindCounts::sum(counts.modifies);
  }
  return tally_of(AccessKind::Fetch, kinds.size() + modifies - odd - upper) |
         tally_of(AccessKind::Load, odd - modifies) | tally_of(AccessKind::Store, upper - modifies) |
         tally_of(AccessKind::Modify, modifies);
}

}  // namespace pw::machine
