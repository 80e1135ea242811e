// SPDX-License-Identifier: MIT
// The loops that bound a translation simulator on one core, which the replay and the walker are measured
// against: a bare two-level TLB with true LRU (16x4 and 128x12, move-to-front arrays), data and instruction
// references alike, no walks; and a bare 4-level radix tree.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/huge_page_allocator.h"

namespace pw::bench {

struct TwoLevelMisses {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

// What two_level() does beyond the TLBs: nothing.
struct NothingElse {
  void start(const std::uint64_t&) {}
  void miss(std::uint64_t, std::uint64_t) {}
};

// With what else an access starts and a miss does: of which page, and which page leaves the first level.
template <class Else>
__attribute__((noinline)) TwoLevelMisses two_level(std::span<const std::uint64_t> addresses, Else&& also) {
  static std::uint64_t l1[16][4], l2[128][12];
  std::memset(l1, 0xff, sizeof l1);
  std::memset(l2, 0xff, sizeof l2);
  TwoLevelMisses misses;
  for (const std::uint64_t& address : addresses) {
    also.start(address);
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
    also.miss(page, set[3]);
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
inline TwoLevelMisses two_level(std::span<const std::uint64_t> addresses) {
  return two_level(addresses, NothingElse());
}

// The memory that a simulator of random updates needs beyond its TLBs, and no more: the leaf entry of each page that misses,
// from one array in place of a walk, and the time when a page was used last. Both are asked for ahead.
class LeafAndUse {
 public:
  LeafAndUse(std::span<const std::uint64_t> addresses, LargeVector<std::uint64_t>& leaves,
             LargeVector<std::uint64_t>& uses)
      : addresses_(addresses), leaves_(leaves.data()), uses_(uses.data()) {}

  void start(const std::uint64_t& address) {
    now_ = static_cast<std::uint64_t>(&address - addresses_.data());
    if (now_ + kAhead >= addresses_.size()) return;
    const std::uint64_t page = addresses_[now_ + kAhead] >> 12;
    __builtin_prefetch(leaves_ + page);
    __builtin_prefetch(uses_ + page);
  }
  void miss(std::uint64_t page, std::uint64_t displaced) {
    frames_ += leaves_[page] >> 12;
    if (displaced != ~std::uint64_t{0}) uses_[displaced] = now_;
  }
  // The sum of the frames that it read.
  std::uint64_t frames() const { return frames_; }

 private:
  static constexpr std::size_t kAhead = 24;

  std::span<const std::uint64_t> addresses_;
  const std::uint64_t* leaves_;
  std::uint64_t* uses_;
  std::uint64_t now_ = 0;
  std::uint64_t frames_ = 0;
};

// Nodes of 512 words in one array; an entry holds its child's number above bit 12.
class RadixTree {
 public:
  // Maps every 4 KiB page below `bytes`.
  explicit RadixTree(std::uint64_t bytes) : pool_(512) {
    for (std::uint64_t address = 0; address < bytes; address += 4096) {
      std::size_t node = 0;
      for (unsigned shift = 39; shift > 12; shift -= 9) node = child(node * 512 + index(address, shift));
      pool_[node * 512 + index(address, 12)] = address | 1;
    }
  }
  std::uint64_t walk(std::uint64_t address) const {
    std::uint64_t entry = 0;
    for (unsigned shift = 39; shift >= 12; shift -= 9)
      entry = pool_[(shift == 39 ? 0 : entry >> 12) * 512 + index(address, shift)];
    return entry;
  }

 private:
  static std::size_t index(std::uint64_t address, unsigned shift) { return address >> shift & 511; }
  std::size_t child(std::size_t entry) {
    if (pool_[entry] == 0) {
      pool_[entry] = pool_.size() / 512 << 12 | 1;
      pool_.resize(pool_.size() + 512);
    }
    return pool_[entry] >> 12;
  }

  std::vector<std::uint64_t> pool_;
};

}  // namespace pw::bench
