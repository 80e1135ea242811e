// SPDX-License-Identifier: MIT
// Stack distances of a stream's references (Mattson et al. 1970): for a policy whose resident pages with fewer frames
// are always among those with more, they say for every size at once which references miss.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/page_stream.h"
#include "analysis/vector_unit.h"
#include "analysis/watch.h"
#include "base/huge_page_allocator.h"
#include "base/result.h"

namespace pw::analysis {

// References by distance: one hits where there are more frames than its distance.
struct StackDistances {
  LargeVector<std::uint64_t> count;  // by distance, below the number of pages
  std::uint64_t first_uses = 0;      // they miss at every size
  std::uint64_t references = 0;

  // Misses with 0, 1, 2, ... frames, up to as many as there are pages.
  std::vector<std::uint64_t> misses() const;
};

// LRU's: how many other pages were used since the page's last use, the reuse distance.
// Errors: OutOfRange for 2^30 pages and more, Aborted.
Result<StackDistances> lru_distances(const PageStream& stream, const Watch& watch = {},
                                     VectorUnit unit = vector_units().front());
// OPT's: one less than the frames with which it hits. The same errors.
Result<StackDistances> opt_distances(const PageStream& stream, const Watch& watch = {});

}  // namespace pw::analysis
