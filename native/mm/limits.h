// SPDX-License-Identifier: MIT
// Resource limits of a process as far as they concern memory (getrlimit(2)), and its privileges.
#pragma once

#include <cstdint>

namespace pw::mm {

struct Limits {
  static constexpr std::uint64_t kInfinity = ~0ull;

  // Bytes. Defaults are the Linux kernel's (include/asm-generic/resource.h; RLIMIT_MEMLOCK since 5.16).
  std::uint64_t address_space = kInfinity;  // RLIMIT_AS
  std::uint64_t data = kInfinity;           // RLIMIT_DATA
  std::uint64_t stack = 8ull << 20;         // RLIMIT_STACK
  std::uint64_t locked = 8ull << 20;        // RLIMIT_MEMLOCK

  bool may_lock_any = false;  // CAP_IPC_LOCK
};

}  // namespace pw::mm
