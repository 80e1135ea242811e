// SPDX-License-Identifier: MIT
// The ioctls of userfaultfd(2) (ioctl_userfaultfd(2); fs/userfaultfd.c and mm/userfaultfd.c of Linux 6.18), on the address
// space that the handler belongs to. Arguments are the raw values that a program passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mm/address_space.h"
#include "mm/user_faults.h"

namespace pw::mm {

// include/uapi/linux/userfaultfd.h
namespace abi {
inline constexpr std::uint64_t kRegisterMissing = 1, kRegisterWriteProtect = 2, kRegisterMinor = 4;
inline constexpr std::uint64_t kFillDontWake = 1,
                               kFillProtect = 2;  // of COPY and CONTINUE; ZEROPAGE has DONTWAKE only
inline constexpr std::uint64_t kWriteProtect = 1, kWriteProtectDontWake = 2;
}  // namespace abi

// Errors: EINVAL (no whole pages of the user's, unknown or no mode, memory that cannot have it), ENOMEM (nothing is mapped
// from there on, or too many VMAs), EPERM (the file may not be written), EBUSY (another handler has it).
Errno register_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length, std::uint64_t mode);
// What waits there is woken. Errors: EINVAL, ENOMEM.
Errno unregister_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length);
// Of this handler's alone. Errors: ENOMEM (too many VMAs: some are not unregistered).
Errno unregister_user_ranges(UserFaults& user, PageRange range);
// Errors: EINVAL.
Errno wake_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length);

// How many bytes of the range have a page now, from its beginning, and why it is not all of them: EAGAIN if there are
// some, else EINVAL, ENOENT (not one registered VMA), EEXIST (a page is there), EFAULT (behind the end of the file, or
// nothing to continue with), ENOMEM, ESRCH (the process has ended).
struct Filled {
  std::uint64_t bytes = 0;
  Errno error = Errno::None;
};
// REQUIRES: `from` has `length` bytes, or the machine has no contents.
Filled copy_to_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length,
                          std::span<const std::byte> from, std::uint64_t mode = 0);
Filled zero_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length, std::uint64_t mode = 0);
// Maps what shared memory has there already.
Filled continue_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length,
                           std::uint64_t mode = 0);

// Protects pages from stores, or lets stores go on. Errors: EINVAL, ENOENT (not registered for it; what lies below is
// done), ENOMEM, ESRCH.
Errno protect_user_range(UserFaults& user, std::uint64_t address, std::uint64_t length, std::uint64_t mode);

// Whether the raw values are a range of whole pages of the user's (Linux's validate_range).
bool is_user_range(const AddressSpace& space, std::uint64_t address, std::uint64_t length);

}  // namespace pw::mm
