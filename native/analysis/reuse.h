// SPDX-License-Identifier: MIT
// How a stream comes back to its pages: after how many references (reuse times), after how many other pages (reuse
// distances), and how many pages it uses within a window of time (working sets; Denning, CACM 1968; Denning and
// Schwartz, CACM 1972).
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/page_stream.h"
#include "analysis/watch.h"
#include "base/result.h"

namespace pw::analysis {

struct ReuseRequest {
  std::uint64_t bins_per_power = 1;  // ranges of the histograms for each power of two, 1 to 64
  std::vector<std::uint64_t>
      windows;  // window lengths in references, ascending; none: the powers of two and so on
};

// References by ranges of a number; the last range is the last that has any.
struct Histogram {
  std::vector<std::uint64_t> first, last;  // both within
  std::vector<std::uint64_t> count;
};

struct WorkingSets {
  std::vector<std::uint64_t> windows;
  // Distinct pages of the last so many references, on average over all references; at the beginning there are fewer
  // references than the window.
  std::vector<double> mean_pages;
  // References to a page that was not used within the window before: first uses, and those with a longer reuse time.
  std::vector<std::uint64_t> misses;
};

struct Reuse {
  std::uint64_t references = 0;
  std::uint64_t first_uses = 0;
  Histogram times;      // from 1: the page of the reference before
  Histogram distances;  // from 0: the same
  WorkingSets working_sets;
};

// Errors: OutOfRange, TraceEmpty for a stream of nothing, Aborted.
Result<Reuse> reuse_of(const PageStream& stream, const ReuseRequest& request, const Watch& watch = {});

// OutOfRange for bins or windows that cannot be.
Status check_reuse(const ReuseRequest& request);

}  // namespace pw::analysis
