// SPDX-License-Identifier: MIT
#include "policy/replacement/registry.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/suggest.h"
#include "policy/replacement/adapter.h"
#include "policy/replacement/table.h"

namespace pw::policy {
namespace {

template <class... Policies>
constexpr std::array<PolicyEntry, sizeof...(Policies)> entries_of(PolicyTable<Policies...>) {
  return {entry<Policies>()...};
}

constexpr auto kPolicies = entries_of(ReplacementPolicies{});

bool has_name(const PolicyInfo& info, std::string_view name) {
  return !name.empty() && (info.name == name || std::ranges::count(info.aliases, name) > 0);
}

Result<const PolicyEntry*> find(std::string_view spec) {
  const std::string_view name = name_of_spec(spec);
  std::vector<std::string_view> names;
  for (const PolicyEntry& policy : kPolicies) {
    if (has_name(policy.info, name)) return &policy;
    names.push_back(policy.info.name);
  }
  return unknown_name("policy", name, names);
}

Error needs_future(const PolicyInfo& info) {
  return {ErrorCode::InvalidArgument, "policy: expected one that a running machine can follow, got \"" +
                                          std::string(info.name) +
                                          "\", which needs the references to come (compare has them)"};
}

}  // namespace

std::span<const PolicyEntry> replacement_policies() { return kPolicies; }

std::string_view name_of(Family family) {
  constexpr std::string_view kNames[] = {"arrival",  "recency",     "frequency", "random",
                                         "adaptive", "working-set", "bound"};
  return kNames[static_cast<std::size_t>(family)];
}

std::string_view name_of(Observes observes) {
  constexpr std::string_view kNames[] = {"faults", "accessed-bits", "references"};
  return kNames[static_cast<std::size_t>(observes)];
}

Result<ParsedPolicy> parse_policy(std::string_view spec) {
  PW_TRY_ASSIGN(const PolicyEntry* policy, find(spec));
  PW_TRY_ASSIGN(ParamValues values, parse_params(spec, policy->params));
  return ParsedPolicy{policy, std::move(values)};
}

Status check_live(const ParsedPolicy& policy) {
  if (policy.entry->info.knowledge == Knowledge::Future) return needs_future(policy.entry->info);
  return Done{};
}

Status check_policy(std::string_view spec) {
  PW_TRY_ASSIGN(const ParsedPolicy policy, parse_policy(spec));
  return check_live(policy);
}

Result<std::unique_ptr<ReplacementPolicy>> make_policy(std::string_view spec, const PolicyContext& context) {
  PW_TRY_ASSIGN(const ParsedPolicy policy, parse_policy(spec));
  if (!context.future) PW_TRY(check_live(policy));
  return policy.entry->make(context, policy.params);
}

}  // namespace pw::policy
