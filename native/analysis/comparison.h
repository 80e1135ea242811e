// SPDX-License-Identifier: MIT
// Several policies at several sizes over one page stream, on all cores.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/simulate.h"

namespace pw::analysis {

// A number of frames, or a share of the stream's pages: floor(pages * count / of), at least one.
struct FrameRequest {
  std::uint64_t count = 0;
  std::uint64_t of = 0;  // 0: `count` is the number

  std::uint64_t frames(std::uint64_t pages) const;
};

struct Comparison {
  std::vector<policy::ParsedPolicy> policies;
  std::vector<FrameRequest> frames;
  Observe observe = Observe::Exact;
  std::uint64_t seed = 0;
  unsigned threads = 0;  // 0: as many as the host has cores
};

// The outcome of one policy at one size.
struct Compared {
  std::size_t policy = 0;  // index into Comparison::policies
  std::size_t asked = 0;   // index into Comparison::frames
  std::uint64_t frames = 0;
  Outcome outcome;
  double seconds = 0;  // wall time of the simulation
};

// Errors: UnknownName, InvalidArgument, OutOfRange.
Result<std::vector<policy::ParsedPolicy>> parse_policies(const std::vector<std::string>& specs);
// OutOfRange for numbers of frames and shares that cannot be.
Status check_frames(const std::vector<FrameRequest>& requests);

// By policy, then by size, as they stand in `comparison`. A policy of variable allocation is simulated once:
// its outcome stands at each size. Errors: OutOfRange, Aborted.
Result<std::vector<Compared>> compare(const PageStream& stream, const Comparison& comparison,
                                      const Watch& watch);
// References that compare() will serve, for progress.
std::uint64_t work_of(const PageStream& stream, const Comparison& comparison);

}  // namespace pw::analysis
