// SPDX-License-Identifier: MIT
// The loop that bounds a translation simulator on one core, which the replay is measured against: a bare
// two-level TLB with true LRU (16x4 and 128x12, move-to-front arrays), data and instruction references
// alike, no walks.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace pw::bench {

struct TwoLevelMisses {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

__attribute__((noinline)) inline TwoLevelMisses two_level(std::span<const std::uint64_t> addresses) {
  static std::uint64_t l1[16][4], l2[128][12];
  std::memset(l1, 0xff, sizeof l1);
  std::memset(l2, 0xff, sizeof l2);
  TwoLevelMisses misses;
  for (const std::uint64_t address : addresses) {
    const std::uint64_t page = address >> 12;
    std::uint64_t* set = l1[page & 15];
    if (set[0] == page) continue;
    if (set[1] == page) {
      set[1] = set[0];
      set[0] = page;
      continue;
    }
    if (set[2] == page) {
      set[2] = set[1];
      set[1] = set[0];
      set[0] = page;
      continue;
    }
    if (set[3] == page) {
      set[3] = set[2];
      set[2] = set[1];
      set[1] = set[0];
      set[0] = page;
      continue;
    }
    ++misses.first;
    set[3] = set[2];
    set[2] = set[1];
    set[1] = set[0];
    set[0] = page;
    std::uint64_t* second = l2[page & 127];
    int way = 0;
    while (way < 12 && second[way] != page) ++way;
    if (way == 12) {
      ++misses.second;
      way = 11;
    }
    for (; way > 0; --way) second[way] = second[way - 1];
    second[0] = page;
  }
  return misses;
}

}  // namespace pw::bench
