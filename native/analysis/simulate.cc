// SPDX-License-Identifier: MIT
#include "analysis/simulate.h"

#include <algorithm>
#include <string>

#include "analysis/simulations.h"

namespace pw::analysis {
namespace {

constexpr std::uint64_t kMostFrames = (std::uint64_t{1} << 31) - 1;
constexpr std::size_t kSlice = 1 << 16;  // runs between two looks at the watch

std::uint64_t references_in(std::span<const PageRun> runs) {
  std::uint64_t references = 0;
  for (const PageRun run : runs) references += run.count();
  return references;
}

}  // namespace

Status check_frames(std::uint64_t frames) {
  if (frames >= 1 && frames <= kMostFrames) return Done{};
  return Error{ErrorCode::OutOfRange,
               "frames: expected 1 to " + std::to_string(kMostFrames) + ", got " + std::to_string(frames)};
}

Result<Outcome> simulate(const PageStream& stream, std::string_view policy,
                         const SimulationOptions& options) {
  PW_TRY_ASSIGN(const policy::ParsedPolicy parsed, policy::parse_policy(policy));
  return simulate(stream, parsed, options);
}

Result<Outcome> simulate(const PageStream& stream, const policy::ParsedPolicy& policy,
                         const SimulationOptions& options) {
  std::uint64_t limit = options.frames;
  if (policy.entry->info.allocation == policy::Allocation::Variable)
    limit = std::max<std::uint64_t>(1, stream.pages());
  else
    PW_TRY(check_frames(limit));
  Rng rng(options.seed);
  const auto simulation = make_simulation(policy, options.observe,
                                          {.numbering = stream.numbering(),
                                           .frames = std::min<std::uint64_t>(limit, stream.pages()),
                                           .limit = limit,
                                           .rng = rng,
                                           .stream = &stream});
  for (std::span<const PageRun> left = stream.runs(); !left.empty();) {
    if (options.watch.is_aborted()) return Error{ErrorCode::Aborted, "the simulation was aborted"};
    const std::span<const PageRun> slice = left.first(std::min(left.size(), kSlice));
    simulation->serve(slice);
    options.watch.add(references_in(slice));
    left = left.subspan(slice.size());
  }
  return simulation->outcome();
}

}  // namespace pw::analysis
