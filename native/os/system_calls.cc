// SPDX-License-Identifier: MIT
#include "os/system_calls.h"

#include "mm/calls/calls.h"

namespace pw::os {
namespace {

using mm::CallResult;
using mm::Errno;

CallResult result_of(Errno error) { return error == Errno::None ? CallResult(0) : CallResult(error); }

CallResult pid_of(const Process* child) {
  return child == nullptr ? CallResult(Errno::Enomem) : child->pid();
}

// Calls of an address space alone.
CallResult memory_call(mm::AddressSpace& space, std::uint64_t number, const CallArguments& a) {
  switch (number) {
    case call::kMprotect: return result_of(mm::mprotect(space, a[0], a[1], a[2]));
    case call::kPkeyMprotect: return result_of(mm::pkey_mprotect(space, a[0], a[1], a[2], a[3]));
    case call::kMunmap: return result_of(mm::munmap(space, a[0], a[1]));
    case call::kBrk: return mm::brk(space, a[0]);
    case call::kMremap: return mm::mremap(space, {a[0], a[1], a[2], a[3], a[4]});
    case call::kMsync: return result_of(mm::msync(space, a[0], a[1], a[2]));
    case call::kMadvise: return result_of(mm::madvise(space, a[0], a[1], a[2]));
    case call::kMlock2: return result_of(mm::mlock(space, a[0], a[1], a[2]));
    case call::kMunlock: return result_of(mm::munlock(space, a[0], a[1]));
    case call::kMlockall: return result_of(mm::mlockall(space, a[0]));
    case call::kMunlockall: return result_of(mm::munlockall(space));
    default: return Errno::Enosys;
  }
}

}  // namespace

CallResult system_call(System& system, Process& process, std::uint64_t number, const CallArguments& a) {
  Files& files = system.files();
  ProcessTable& processes = system.processes();
  switch (number) {
    case call::kMmap: return files.mmap(process, {a[0], a[1], a[2], a[3], nullptr, a[5]}, a[4]);
    case call::kClose: return result_of(files.close(process, a[0]));
    case call::kFtruncate: return result_of(files.ftruncate(process, a[0], a[1]));
    case call::kShmget: return files.shmget(process, a[0], a[1], a[2]);
    case call::kShmat: return files.shmat(process, a[0], a[1], a[2]);
    case call::kShmdt: return result_of(files.shmdt(process, a[0]));
    case call::kShmctl:
      return a[1] == call::kIpcRemove ? result_of(files.shm_remove(a[0])) : CallResult(Errno::Einval);
    case call::kFork: return pid_of(processes.fork(process));
    case call::kVfork: return pid_of(processes.vfork(process));
    case call::kExecve: return processes.exec(process) ? CallResult(0) : CallResult(Errno::Enomem);
    case call::kExit: processes.end(process, Signal::None, static_cast<std::uint8_t>(a[0])); return 0;
    default: return memory_call(process.space(), number, a);
  }
}

}  // namespace pw::os
