// SPDX-License-Identifier: MIT
// The hash that decides which pages are sampled: 32 bits of a page number and a key, mixed as MurmurHash3's 32-bit
// finalizer does (Appleby), in steps that every vector unit has. A bijection for page numbers that differ below bit 32.
#pragma once

#include <cstdint>

#include "base/rng.h"

namespace pw::analysis {

inline constexpr std::uint32_t kHashHigh = 0x9e3779b1;
inline constexpr std::uint32_t kHashFirst = 0x85ebca6b;
inline constexpr std::uint32_t kHashSecond = 0xc2b2ae35;

// A key for each seed; keys of one seed and different numbers give hashes that have nothing to do with one another.
inline std::uint32_t hash_key(std::uint64_t seed, std::uint64_t number) {
  return static_cast<std::uint32_t>(Rng(seed + number * 0x9e3779b97f4a7c15).next() >> 32);
}

// The top bit of `page`, in which references say that they store, does not count.
constexpr std::uint32_t page_hash(std::uint64_t page, std::uint32_t key) {
  const auto high = static_cast<std::uint32_t>(page >> 32) & 0x7fffffff;
  std::uint32_t hash = (static_cast<std::uint32_t>(page) + high * kHashHigh) ^ key;
  hash = (hash ^ hash >> 16) * kHashFirst;
  hash = (hash ^ hash >> 13) * kHashSecond;
  return hash ^ hash >> 16;
}

}  // namespace pw::analysis
