// SPDX-License-Identifier: MIT
// Which checks refuse an access, by name, for people: each is found by asking refusal() about a page that
// lacks nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "paging/permission.h"

namespace pw::paging {

enum class Check : std::uint8_t { UserSupervisor, ReadWrite, NoExecute, Smep, Smap, KeyAccess, KeyWrite };
inline constexpr std::size_t kChecks = 7;

constexpr std::string_view name_of(Check check) {
  constexpr std::string_view kNames[kChecks] = {
      "user-supervisor",    "read-write",       "no-execute", "smep", "smap",
      "key-access-disable", "key-write-disable"};
  return kNames[static_cast<std::size_t>(check)];
}

// Those that refuse `page`, an effective leaf, in the order of the enumeration; none if it may proceed.
inline std::vector<Check> refusing_checks(Entry page, AccessType access, const Control& control) {
  Control keyless = control;
  keyless.protection_keys_user = keyless.protection_keys_supervisor = false;
  const Entry permissive = Entry(page.bits() & flag::kUser).with(flag::kWritable);
  std::vector<Check> checks;
  if (refusal(permissive, access, keyless) != 0) {
    const bool fetch = access.operation == Operation::Fetch;
    checks.push_back(access.privilege == Privilege::User ? Check::UserSupervisor
                     : fetch                             ? Check::Smep
                                                         : Check::Smap);
  }
  // A page of the mode that the access is made in, so that U/S, SMEP and SMAP have nothing to say.
  const Entry own(access.privilege == Privilege::User ? flag::kUser : 0);
  if (refusal(own.with(page.bits() & flag::kWritable), access, keyless) != 0)
    checks.push_back(Check::ReadWrite);
  if (refusal(own.with(flag::kWritable | (page.bits() & flag::kNoExecute)), access, keyless) != 0)
    checks.push_back(Check::NoExecute);
  if (key_refuses(page, access, control)) {
    const AccessType read{Operation::Read, access.privilege, access.ac};
    checks.push_back(key_refuses(page, read, control) ? Check::KeyAccess : Check::KeyWrite);
  }
  return checks;
}

}  // namespace pw::paging
