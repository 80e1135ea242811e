// SPDX-License-Identifier: MIT
// The table of replacement policies, and how one is made from "name" or "name:key=value,key=value".
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

std::span<const PolicyEntry> replacement_policies();
std::string_view name_of(Family family);

// Errors: UnknownName (with the nearest name), InvalidArgument, OutOfRange.
Status check_policy(std::string_view spec);
// REQUIRES: frames fit 32 bits.
Result<std::unique_ptr<ReplacementPolicy>> make_policy(std::string_view spec, const PolicyContext& context);

}  // namespace pw::policy
