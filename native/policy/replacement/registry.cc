// SPDX-License-Identifier: MIT
#include "policy/replacement/registry.h"

#include <array>
#include <string>

#include "base/suggest.h"
#include "policy/replacement/adapter.h"
#include "policy/replacement/clock.h"
#include "policy/replacement/fifo.h"
#include "policy/replacement/lru.h"
#include "policy/replacement/random.h"

namespace pw::policy {
namespace {

constexpr std::array kPolicies = {
    // by arrival
    entry<Fifo>(),
    // by recency
    entry<Lru>(),
    entry<Clock>(),
    // by chance
    entry<Random>(),
};

Result<const PolicyEntry*> find(std::string_view spec) {
  const std::string_view name = name_of_spec(spec);
  std::vector<std::string_view> names;
  for (const PolicyEntry& policy : kPolicies) {
    if (policy.info.name == name) return &policy;
    names.push_back(policy.info.name);
  }
  return unknown_name("policy", name, names);
}

}  // namespace

std::span<const PolicyEntry> replacement_policies() { return kPolicies; }

std::string_view name_of(Family family) {
  constexpr std::string_view kNames[] = {"arrival", "recency", "frequency", "random"};
  return kNames[static_cast<std::size_t>(family)];
}

Status check_policy(std::string_view spec) {
  PW_TRY_ASSIGN(const PolicyEntry* policy, find(spec));
  PW_TRY(parse_params(spec, policy->params));
  return Done{};
}

Result<std::unique_ptr<ReplacementPolicy>> make_policy(std::string_view spec, const PolicyContext& context) {
  PW_TRY_ASSIGN(const PolicyEntry* policy, find(spec));
  PW_TRY_ASSIGN(const ParamValues values, parse_params(spec, policy->params));
  return policy->make(context, values);
}

}  // namespace pw::policy
