// SPDX-License-Identifier: MIT
// Puts a policy class behind the interface: what it observes follows from the members it has.
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "policy/replacement/policy.h"
#include "policy/replacement/registry.h"

namespace pw::policy {

template <class Policy>
concept ObservesRuns = requires(Policy policy, FrameIndex frame) {
  policy.on_access(frame, std::uint32_t{1});
};
template <class Policy>
concept ObservesLastUse = requires(Policy policy, FrameIndex frame) {
  policy.on_last_use(frame, std::uint64_t{1});
  policy.last_uses();
};
template <class Policy>
concept ExpectsFaults = requires(Policy policy, VirtPage page) {
  policy.on_fault(page, std::uint64_t{1});
};
template <class Policy>
concept GivesUpPages = requires(Policy policy) {
  policy.gives_up(std::uint64_t{1});
};
template <class Policy>
concept LooksPagesUp = requires(const Policy policy, VirtPage page) {
  policy.prefetch(page);
};
template <class Policy>
concept HasParams = requires {
  Policy::Params::kSpecs;
};

template <class Policy>
typename Policy::Params params_of([[maybe_unused]] const ParamValues& values) {
  if constexpr (HasParams<Policy>)
    return Policy::Params::of(values);
  else
    return {};
}

template <class Policy>
class Adapter final : public ReplacementPolicy {
  static_assert(!(ObservesRuns<Policy> && ObservesLastUse<Policy>), "a policy observes in one way");

 public:
  Adapter(const PolicyContext& context, typename Policy::Params params)
      : policy_(context, params), accessed_bits_(context.accessed_bits) {}

  Observation observation() const override {
    if constexpr (ObservesRuns<Policy>) return Observation::Runs;
    if constexpr (ObservesLastUse<Policy>) return Observation::LastUse;
    return Observation::Nothing;
  }
  bool expects_faults() const override { return ExpectsFaults<Policy>; }
  void on_fault(VirtPage page, std::uint64_t time) override {
    if constexpr (ExpectsFaults<Policy>) {
      policy_.on_fault(page, time);
      announced_ = page;
    }
  }
  bool may_give_up() const override { return GivesUpPages<Policy>; }
  bool gives_up(std::uint64_t time) override {
    if constexpr (GivesUpPages<Policy>) return policy_.gives_up(time);
    return false;
  }
  // A page that no fault announced (it was prefetched, say) is announced now.
  void on_insert(const Resident& page, Arrival arrival) override {
    if constexpr (ExpectsFaults<Policy>) {
      if (announced_ != page.page) policy_.on_fault(page.page, page.time);
      announced_.reset();
    }
    policy_.on_insert(page, arrival);
  }
  void on_touches(std::span<const Touch> touches) override {
    if constexpr (ObservesRuns<Policy>)
      for (const Touch& touch : touches) policy_.on_access(touch.frame, run_length(touch.value));
    if constexpr (ObservesLastUse<Policy>)
      for (const Touch& touch : touches) policy_.on_last_use(touch.frame, touch.value);
  }
  LastUses last_uses() override {
    if constexpr (ObservesLastUse<Policy>) return policy_.last_uses();
    return {};
  }
  void on_remove(const Resident& page, Departure departure) override { policy_.on_remove(page, departure); }
  FrameIndex choose_victim() override {
    if constexpr (ObservesRuns<Policy> && Policy::info.observes == Observes::References) {
      if (accessed_bits_) return choose_unused_victim();
    }
    return policy_.choose_victim();
  }

 private:
  static std::uint32_t run_length(std::uint64_t value) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
  }
  FrameIndex choose_unused_victim() {
    for (;;) {
      const FrameIndex candidate = policy_.choose_victim();
      if (!accessed_bits_->test_and_clear(candidate)) return candidate;
      policy_.on_access(candidate, 1);
    }
  }
  Policy policy_;
  AccessedBits* accessed_bits_;
  std::optional<VirtPage> announced_;  // by on_fault, and not inserted yet
};

// The table line of a policy.
template <class Policy>
constexpr PolicyEntry entry() {
  PolicyEntry entry{.info = Policy::info, .params = {}, .make = nullptr};
  if constexpr (HasParams<Policy>) entry.params = Policy::Params::kSpecs;
  entry.make = [](const PolicyContext& context,
                  const ParamValues& values) -> std::unique_ptr<ReplacementPolicy> {
    return std::make_unique<Adapter<Policy>>(context, params_of<Policy>(values));
  };
  return entry;
}

}  // namespace pw::policy
