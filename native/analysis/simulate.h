// SPDX-License-Identifier: MIT
// What a replacement policy misses on a page stream, for any policy of the table.
#pragma once

#include <cstdint>
#include <string_view>

#include "analysis/page_stream.h"
#include "analysis/watch.h"
#include "base/result.h"
#include "policy/replacement/registry.h"

namespace pw::analysis {

// Exact: the policy sees every reference. Hardware: it sees Accessed bits, set by every reference.
enum class Observe : std::uint8_t { Exact, Hardware };

struct SimulationOptions {
  std::uint64_t frames = 0;  // policies of variable allocation do not look at it
  Observe observe = Observe::Exact;
  std::uint64_t seed = 0;
  Watch watch = {};
};

struct Outcome {
  std::uint64_t requests = 0;
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;
  std::uint64_t writebacks = 0;  // evictions of pages stored to since they were loaded
  std::uint64_t peak_resident = 0;
  double mean_resident = 0;  // over requests
};

// `policy` is "name" or "name:key=value,…". Bounds know the references whatever `observe` says.
// Errors: UnknownName, InvalidArgument, OutOfRange (also for frames: 1 to 2^31 - 1), Aborted.
Result<Outcome> simulate(const PageStream& stream, std::string_view policy, const SimulationOptions& options);
// The same for a policy that was parsed already.
Result<Outcome> simulate(const PageStream& stream, const policy::ParsedPolicy& policy,
                         const SimulationOptions& options);

// OutOfRange if there cannot be so many.
Status check_frames(std::uint64_t frames);

}  // namespace pw::analysis
