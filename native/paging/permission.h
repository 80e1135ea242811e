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

// The rights of a path of entries: R/W and U/S must be set in every one, NX in none. Kept as one
// word shaped like an entry with NX inverted, so that one AND accumulates all three.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights along(Entry entry) const { return Rights(bits_ & (entry.bits() ^ flag::kNoExecute)); }
  // The R/W, U/S and NX bits that a single leaf would need to say the same.
  constexpr std::uint64_t entry_flags() const { return (bits_ ^ flag::kNoExecute) & kMask; }
  // From the flags of an entry_flags() word.
  static constexpr Rights of(std::uint64_t flags) { return Rights((flags ^ flag::kNoExecute) & kMask); }

 private:
  static constexpr std::uint64_t kMask = flag::kWritable | flag::kUser | flag::kNoExecute;
  explicit constexpr Rights(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_ = kMask;
};

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
