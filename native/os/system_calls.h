// SPDX-License-Identifier: MIT
// System calls by their numbers on x86-64 Linux (arch/x86/entry/syscalls/syscall_64.tbl), arguments as registers hold
// them. Calls that take a name or a buffer are functions of os/files.h, mm/calls/calls.h and os/system.h instead.
#pragma once

#include <cstdint>

#include "os/system.h"

namespace pw::os {

namespace call {
inline constexpr std::uint64_t kClose = 3, kMmap = 9, kMprotect = 10, kMunmap = 11, kBrk = 12, kMremap = 25;
inline constexpr std::uint64_t kMsync = 26, kMadvise = 28, kShmget = 29, kShmat = 30, kShmctl = 31;
inline constexpr std::uint64_t kFork = 57, kVfork = 58, kExecve = 59, kExit = 60, kShmdt = 67,
                               kFtruncate = 77;
inline constexpr std::uint64_t kMunlock = 150, kMlockall = 151, kMunlockall = 152;
inline constexpr std::uint64_t kMlock2 = 325, kPkeyMprotect = 329;

inline constexpr std::uint64_t kIpcRemove = 0;  // of shmctl: IPC_RMID
}  // namespace call

// fork and vfork answer with the child's number. ENOSYS: no call of these. Use System::call.
mm::CallResult system_call(System& system, Process& process, std::uint64_t number,
                           const CallArguments& arguments);

}  // namespace pw::os
