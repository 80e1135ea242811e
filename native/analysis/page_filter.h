// SPDX-License-Identifier: MIT
// Spatial sampling (Waldspurger et al., SHARDS, FAST 2015): of a stream, the references to pages whose hash lies below
// a threshold, so that a sampled page has all its references. With the host's vector unit some 1 ns a reference.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/page_hash.h"
#include "analysis/page_stream.h"
#include "analysis/vector_unit.h"

namespace pw::analysis {

// A threshold over hashes: the share of pages below it is itself by 2^32.
using HashThreshold = std::uint64_t;
inline constexpr HashThreshold kEveryPage = HashThreshold{1} << 32;

class PageFilter {
 public:
  explicit PageFilter(std::uint32_t key, VectorUnit unit = vector_units().front()) : key_(key), unit_(unit) {}

  std::uint32_t hash_of(PageReference reference) const { return page_hash(reference, key_); }
  // Appends the references to pages with a hash below the threshold.
  void select(std::span<const PageReference> references, HashThreshold threshold,
              std::vector<PageReference>& selected) const;

 private:
  std::uint32_t key_;
  VectorUnit unit_;
};

}  // namespace pw::analysis
