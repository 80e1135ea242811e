// SPDX-License-Identifier: MIT
// How an array's sets lie in host memory, in words: what one look-up reads stands together.
//
//   signatures, sixteen for each group of ways, where tags are not compared themselves
//   tags, pages, and the times of last uses where anything follows from them: one for each way
#pragma once

#include <cstdint>

#include "tlb/signatures.h"

namespace pw::tlb {

// Up to so many tags are compared themselves.
inline constexpr std::uint32_t kFewWays = 8;

struct SetLayout {
  std::uint32_t ways = 0;
  std::uint32_t groups = 0;  // of signatures
  std::uint32_t tags = 0;    // where the tags begin; pages begin `ways` after them, times twice as many
  std::uint32_t words = 0;   // in all: whole lines of the host's caches

  static constexpr SetLayout of(std::uint32_t ways, bool has_times) {
    constexpr std::uint32_t kGroupWords = kSignatureGroup * sizeof(Signature) / sizeof(std::uint64_t);
    constexpr std::uint32_t kLineWords = 8;
    const std::uint32_t groups = ways <= kFewWays ? 0 : (ways + kSignatureGroup - 1) / kSignatureGroup;
    const std::uint32_t tags = groups * kGroupWords;
    const std::uint32_t words = tags + (has_times ? 3 : 2) * ways;
    return {ways, groups, tags, (words + kLineWords - 1) / kLineWords * kLineWords};
  }
};

// Of the way whose tag stands at `tag`.
inline std::uint64_t* entry_at(std::uint64_t* tag, std::uint32_t ways) { return tag + ways; }

}  // namespace pw::tlb
