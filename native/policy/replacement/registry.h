// SPDX-License-Identifier: MIT
// The replacement policies by name, and how one is made from "name" or "name:key=value,key=value".
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/param.h"
#include "base/result.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

struct PolicyEntry {
  PolicyInfo info;
  std::span<const ParamSpec> params;
  // REQUIRES: the values were checked against `params`.
  std::unique_ptr<ReplacementPolicy> (*make)(const PolicyContext& context, const ParamValues& values);
};

// In the order of the table.
std::span<const PolicyEntry> replacement_policies();
std::string_view name_of(Family family);
std::string_view name_of(Observes observes);

// A policy and the values of all its parameters.
struct ParsedPolicy {
  const PolicyEntry* entry = nullptr;
  ParamValues params;
};

// Errors: UnknownName (with the nearest name), InvalidArgument, OutOfRange.
Result<ParsedPolicy> parse_policy(std::string_view spec);
// InvalidArgument for a policy that needs the future, where references are seen only as they come.
Status check_live(const ParsedPolicy& policy);
// parse_policy and check_live.
Status check_policy(std::string_view spec);
// REQUIRES: frames fit 32 bits. Errors: as parse_policy; InvalidArgument if the policy needs the future
// and the context has none.
Result<std::unique_ptr<ReplacementPolicy>> make_policy(std::string_view spec, const PolicyContext& context);

}  // namespace pw::policy
