// SPDX-License-Identifier: MIT
// Rights accumulated along a walk, and the check of an access against them
// (Intel SDM vol. 3A, section 4.6, "Access Rights").
#pragma once

#include <cstdint>

#include "paging/control.h"
#include "paging/entry.h"
#include "paging/page_fault.h"

namespace pw::paging {

enum class Operation : std::uint8_t { Read, Write, Fetch };
enum class Privilege : std::uint8_t { Supervisor, User };
// EFLAGS.AC, which lifts SMAP.
enum class AlignmentCheck : std::uint8_t { Clear, Set };

struct AccessType {
  Operation operation = Operation::Read;
  Privilege privilege = Privilege::User;
  AlignmentCheck ac = AlignmentCheck::Clear;
};

// The bits that rights accumulate in along a path: R/W and U/S must be set in every entry, NX in none.
inline constexpr std::uint64_t kPathRights = flag::kWritable | flag::kUser | flag::kNoExecute;

// An entry with the rights of its whole path, where `upper` has those of the entries above it.
constexpr Entry along(Entry upper, Entry entry) {
  constexpr std::uint64_t kGranting = flag::kWritable | flag::kUser;
  return Entry((entry.bits() & (upper.bits() | ~kGranting)) | (upper.bits() & flag::kNoExecute));
}

// Bits that an effective leaf must have, NX inverted, so that a user-mode access may use it without another look
// at memory: U/S, and R/W and D for a store, no NX for a fetch. Protection keys are not part of it.
constexpr std::uint64_t user_grant(Operation operation) {
  std::uint64_t bits = flag::kUser;
  if (operation == Operation::Write) bits |= flag::kWritable | flag::kDirty;
  if (operation == Operation::Fetch) bits |= flag::kNoExecute;
  return bits;
}

constexpr std::uint32_t error_code_of(AccessType access, const Control& control) {
  std::uint32_t code = 0;
  if (access.operation == Operation::Write) code |= error_code::kWrite;
  if (access.privilege == Privilege::User) code |= error_code::kUser;
  if (access.operation == Operation::Fetch && (control.no_execute || control.smep))
    code |= error_code::kFetch;
  return code;
}

constexpr bool key_refuses(Entry page, AccessType access, const Control& control) {
  if (access.operation == Operation::Fetch) return false;
  const bool user_page = page.is_user();
  if (user_page ? !control.protection_keys_user : !control.protection_keys_supervisor) return false;
  const std::uint32_t key = (user_page ? control.pkru : control.pkrs) >> (2 * page.protection_key());
  if (key & 1) return true;  // AD: no data access
  const bool enforced = access.privilege == Privilege::User || control.write_protect;
  return (key & 2) && access.operation == Operation::Write && enforced;  // WD
}

constexpr bool user_may(Entry page, Operation operation) {
  if (!page.is_user()) return false;
  return operation != Operation::Write || page.is_writable();
}

constexpr bool supervisor_may(Entry page, AccessType access, const Control& control) {
  if (page.is_user()) {
    if (access.operation == Operation::Fetch) return !control.smep;
    if (control.smap && access.ac == AlignmentCheck::Clear) return false;
  }
  return access.operation != Operation::Write || page.is_writable() || !control.write_protect;
}

// Error-code bits beyond those of the access itself if `page`, an effective leaf (rights of the whole
// path, key of the leaf), refuses it; 0 if it may proceed.
constexpr std::uint32_t refusal(Entry page, AccessType access, const Control& control) {
  const bool mode = access.privilege == Privilege::User ? user_may(page, access.operation)
                                                        : supervisor_may(page, access, control);
  const bool no_execute = access.operation == Operation::Fetch && control.no_execute && page.is_no_execute();
  const bool key = key_refuses(page, access, control);
  if (mode && !no_execute && !key) return 0;
  return error_code::kPresent | (key ? error_code::kProtectionKey : 0);
}

}  // namespace pw::paging
