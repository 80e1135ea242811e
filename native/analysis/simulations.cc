// SPDX-License-Identifier: MIT
#include "analysis/simulations.h"

#include <array>
#include <utility>
#include <vector>

#include "policy/replacement/table.h"

namespace pw::analysis {
namespace {

using Make = std::unique_ptr<AnySimulation> (*)(const Setting&, const ParamValues&);

template <class Policy>
std::unique_ptr<AnySimulation> make_exact(const Setting& setting, const ParamValues& params) {
  return std::make_unique<Simulation<Policy>>(setting, [&](const policy::PolicyContext& context) {
    return Policy(context, policy::params_of<Policy>(params));
  });
}

template <class... Policies>
constexpr std::array<Make, sizeof...(Policies)> makers_of(policy::PolicyTable<Policies...>) {
  return {make_exact<Policies>...};
}

constexpr auto kMakers = makers_of(policy::ReplacementPolicies{});  // in the order of the table

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
  void on_insert(const policy::Resident& page, policy::Arrival arrival) {
    bits_[page.frame.value()] = 1;
    policy_->on_insert(page, arrival);
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_[frame.value()] = 1; }
  void on_remove(const policy::Resident& page, policy::Departure departure) {
    policy_->on_remove(page, departure);
  }
  bool gives_up(std::uint64_t time) { return policy_->gives_up(time); }
  FrameIndex choose_victim() { return policy_->choose_victim(); }

 private:
  bool test_and_clear(FrameIndex frame) override {
    return std::exchange(bits_[frame.value()], std::uint8_t{0}) != 0;
  }

  std::vector<std::uint8_t> bits_;
  std::unique_ptr<policy::ReplacementPolicy> policy_;
};

}  // namespace

std::unique_ptr<AnySimulation> make_simulation(const policy::ParsedPolicy& policy, Observe observe,
                                               const Setting& setting) {
  if (observe == Observe::Hardware && policy.entry->info.knowledge == policy::Knowledge::Past)
    return std::make_unique<Simulation<WithAccessedBits>>(
        setting, [&](const policy::PolicyContext& context) { return WithAccessedBits(context, policy); });
  const auto index = static_cast<std::size_t>(policy.entry - policy::replacement_policies().data());
  return kMakers[index](setting, policy.params);
}

}  // namespace pw::analysis
