// SPDX-License-Identifier: MIT
#include "analysis/simulate.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "analysis/simulation.h"
#include "policy/replacement/table.h"

namespace pw::analysis {
namespace {

constexpr std::uint64_t kMostFrames = (std::uint64_t{1} << 31) - 1;

// What every simulation is made of, besides its policy.
struct Setting {
  const PageStream& stream;
  std::uint64_t limit;
  Rng& rng;
  const Watch& watch;
};

using Run = Outcome (*)(const Setting&, const ParamValues&);

template <class Policy>
Outcome run_exact(const Setting& setting, const ParamValues& params) {
  return Simulation<Policy>(setting.stream, setting.limit, setting.rng,
                            [&](const policy::PolicyContext& context) {
                              return Policy(context, policy::params_of<Policy>(params));
                            })
      .run(setting.watch);
}

template <class... Policies>
constexpr std::array<Run, sizeof...(Policies)> runs_of(policy::PolicyTable<Policies...>) {
  return {run_exact<Policies>...};
}

constexpr auto kRuns = runs_of(policy::ReplacementPolicies{});  // in the order of the table

// Sets Accessed bits where others are told of references, as hardware without TLBs would.
class WithAccessedBits final : private policy::AccessedBits {
 public:
  static constexpr policy::PolicyInfo info{.name = "with-accessed-bits",
                                           .family = policy::Family::Arrival,
                                           .observes = policy::Observes::AccessedBits,
                                           .summary = "any policy behind the interface"};

  WithAccessedBits(policy::PolicyContext context, const policy::ParsedPolicy& policy)
      : bits_(context.frames) {
    context.accessed_bits = this;
    policy_ = policy.entry->make(context, policy.params);
  }
  void on_fault(VirtPage page, std::uint64_t time) { policy_->on_fault(page, time); }
  // The retried access sets the bit.
  void on_insert(policy::Resident page, policy::Arrival arrival) {
    bits_[page.frame.value()] = 1;
    policy_->on_insert(page, arrival);
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_[frame.value()] = 1; }
  void on_remove(policy::Resident page, policy::Departure departure) { policy_->on_remove(page, departure); }
  bool gives_up(std::uint64_t time) { return policy_->gives_up(time); }
  FrameIndex choose_victim() { return policy_->choose_victim(); }

 private:
  bool test_and_clear(FrameIndex frame) override {
    return std::exchange(bits_[frame.value()], std::uint8_t{0}) != 0;
  }

  std::vector<std::uint8_t> bits_;
  std::unique_ptr<policy::ReplacementPolicy> policy_;
};

Outcome run_hardware(const Setting& setting, const policy::ParsedPolicy& policy) {
  return Simulation<WithAccessedBits>(
             setting.stream, setting.limit, setting.rng,
             [&](const policy::PolicyContext& context) { return WithAccessedBits(context, policy); })
      .run(setting.watch);
}

Outcome run(const Setting& setting, const policy::ParsedPolicy& policy, Observe observe) {
  if (observe == Observe::Hardware && policy.entry->info.knowledge == policy::Knowledge::Past)
    return run_hardware(setting, policy);
  const auto index = static_cast<std::size_t>(policy.entry - policy::replacement_policies().data());
  return kRuns[index](setting, policy.params);
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
  const Outcome outcome = run({stream, limit, rng, options.watch}, policy, options.observe);
  if (options.watch.is_aborted()) return Error{ErrorCode::Aborted, "the simulation was aborted"};
  return outcome;
}

}  // namespace pw::analysis
