// SPDX-License-Identifier: MIT
#include "analysis/comparison.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <tuple>

#include "analysis/work_queue.h"
#include "base/wall_clock.h"

namespace pw::analysis {
namespace {

bool is_variable(const policy::ParsedPolicy& policy) {
  return policy.entry->info.allocation == policy::Allocation::Variable;
}

// Those that are simulated, with the longest first as far as that can be told: a long one that begins last
// leaves the other cores without work.
std::vector<Compared> simulations_of(const PageStream& stream, const Comparison& comparison) {
  std::vector<Compared> simulations;
  for (std::size_t policy = 0; policy < comparison.policies.size(); ++policy)
    for (std::size_t asked = 0; asked < comparison.frames.size(); ++asked) {
      if (asked > 0 && is_variable(comparison.policies[policy])) continue;
      simulations.push_back({.policy = policy,
                             .asked = asked,
                             .frames = comparison.frames[asked].frames(stream.pages()),
                             .outcome = {}});
    }
  std::ranges::stable_sort(simulations, {}, [&](const Compared& one) {
    const policy::PolicyInfo& info = comparison.policies[one.policy].entry->info;
    const auto knowledge = static_cast<int>(info.knowledge), observes = static_cast<int>(info.observes);
    return std::tuple(-knowledge, -observes, one.frames);
  });
  return simulations;
}

// In the order asked for, with what was simulated once at each size.
std::vector<Compared> in_order(const std::vector<Compared>& simulations, const PageStream& stream,
                               const Comparison& comparison) {
  std::vector<Compared> results(comparison.policies.size() * comparison.frames.size());
  for (const Compared& one : simulations) {
    const std::size_t last =
        is_variable(comparison.policies[one.policy]) ? comparison.frames.size() - 1 : one.asked;
    for (std::size_t asked = one.asked; asked <= last; ++asked) {
      Compared& result = results[one.policy * comparison.frames.size() + asked];
      result = one;
      result.asked = asked;
      result.frames = comparison.frames[asked].frames(stream.pages());
    }
  }
  return results;
}

}  // namespace

std::uint64_t FrameRequest::frames(std::uint64_t pages) const {
  return of == 0 ? count : std::max<std::uint64_t>(1, pages * count / of);
}

Result<std::vector<policy::ParsedPolicy>> parse_policies(const std::vector<std::string>& specs) {
  std::vector<policy::ParsedPolicy> policies;
  for (const std::string& spec : specs) {
    PW_TRY_ASSIGN(policy::ParsedPolicy policy, policy::parse_policy(spec));
    policies.push_back(std::move(policy));
  }
  return policies;
}

Status check_frames(const std::vector<FrameRequest>& requests) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 31;  // times 2^32 pages fits 64 bits
  for (const FrameRequest& request : requests) {
    if (request.of == 0) {
      PW_TRY(check_frames(request.count));
    } else if (request.count == 0 || request.count > request.of || request.of > kMost) {
      return Error{ErrorCode::OutOfRange, "frames: expected a share above 0% and at most 100%"};
    }
  }
  return Done{};
}

Result<std::vector<Compared>> compare(const PageStream& stream, const Comparison& comparison,
                                      const Watch& watch) {
  PW_TRY(check_frames(comparison.frames));
  std::vector<Compared> simulations = simulations_of(stream, comparison);
  std::mutex mutex;
  std::optional<Error> error;
  work_off(simulations.size(), comparison.threads, [&](std::size_t index) {
    Compared& one = simulations[index];
    const WallClock::time_point start = WallClock::now();
    const Result<Outcome> outcome = simulate(
        stream, comparison.policies[one.policy],
        {.frames = one.frames, .observe = comparison.observe, .seed = comparison.seed, .watch = watch});
    one.seconds = seconds_since(start);
    const std::lock_guard lock(mutex);
    if (outcome.ok())
      one.outcome = outcome.value();
    else if (!error)
      error = outcome.error();
  });
  if (error) return *error;
  return in_order(simulations, stream, comparison);
}

std::uint64_t work_of(const PageStream& stream, const Comparison& comparison) {
  return simulations_of(stream, comparison).size() * stream.references();
}

}  // namespace pw::analysis
