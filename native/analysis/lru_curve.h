// SPDX-License-Identifier: MIT
// The exact miss-ratio curve of LRU: misses at every size, from one pass over a stream.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/page_stream.h"
#include "analysis/watch.h"
#include "base/huge_page_allocator.h"
#include "base/result.h"

namespace pw::analysis {

// References by reuse distance: how many other pages were used since the page's last use.
struct ReuseDistances {
  LargeVector<std::uint64_t> count;  // by distance, below the number of pages
  std::uint64_t first_uses = 0;
  std::uint64_t references = 0;

  // LRU's misses with 0, 1, 2, ... frames, up to as many as there are pages.
  std::vector<std::uint64_t> misses() const;
};

// Errors: OutOfRange for 2^30 pages and more, Aborted.
Result<ReuseDistances> reuse_distances(const PageStream& stream, const Watch& watch = {});

}  // namespace pw::analysis
