// SPDX-License-Identifier: MIT
// What memory calls answer: a value, or the error number that Linux gives on x86-64.
#pragma once

#include <cstdint>
#include <string_view>

namespace pw::mm {

enum class Errno : std::uint8_t {
  None = 0,
  Eperm = 1,
  Enoent = 2,
  Esrch = 3,
  Ebadf = 9,
  Eagain = 11,
  Enomem = 12,
  Eacces = 13,
  Efault = 14,
  Ebusy = 16,
  Eexist = 17,
  Einval = 22,
  Enosys = 38,
  Eoverflow = 75,
  Eopnotsupp = 95,
};

constexpr std::string_view name_of(Errno error) {
  switch (error) {
    case Errno::None: return "none";
    case Errno::Eperm: return "EPERM";
    case Errno::Enoent: return "ENOENT";
    case Errno::Esrch: return "ESRCH";
    case Errno::Ebadf: return "EBADF";
    case Errno::Eagain: return "EAGAIN";
    case Errno::Enomem: return "ENOMEM";
    case Errno::Eacces: return "EACCES";
    case Errno::Efault: return "EFAULT";
    case Errno::Ebusy: return "EBUSY";
    case Errno::Eexist: return "EEXIST";
    case Errno::Einval: return "EINVAL";
    case Errno::Enosys: return "ENOSYS";
    case Errno::Eoverflow: return "EOVERFLOW";
    case Errno::Eopnotsupp: return "EOPNOTSUPP";
  }
  return "unknown";
}

// REQUIRES of readers: value means nothing unless error is None.
struct CallResult {
  std::uint64_t value = 0;
  Errno error = Errno::None;

  CallResult() = default;
  CallResult(std::uint64_t given) : value(given) {}  // NOLINT: implicit by design
  CallResult(Errno given) : error(given) {}          // NOLINT
  bool ok() const { return error == Errno::None; }
};

}  // namespace pw::mm
