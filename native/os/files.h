// SPDX-License-Identifier: MIT
// What processes share by name: files, POSIX shared memory, memfds (by descriptor) and System V segments (by key).
// The calls answer as Linux's do; man-pages: open(2), shm_open(3), memfd_create(2), ftruncate(2), shmget(2), shmop(2).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "mm/calls/calls.h"
#include "os/process.h"

namespace pw::os {

// Flags of open(2), shmget(2) and shmat(2) that matter here.
namespace file_flag {
inline constexpr std::uint64_t kReadOnly = 0, kWriteOnly = 1, kReadWrite = 2, kAccessMode = 3;
inline constexpr std::uint64_t kCreate = 0100, kExclusive = 0200, kTruncate = 01000;
inline constexpr std::uint64_t kIpcCreate = 01000, kIpcExclusive = 02000;
inline constexpr std::uint64_t kShmReadOnly = 010000, kShmRound = 020000, kShmRemap = 040000,
                               kShmExec = 0100000;
}  // namespace file_flag

class Files {
 public:
  explicit Files(mm::Kernel& kernel) : kernel_(kernel) {}

  // A file on a device, which is what swap is not for. Errors: EEXIST.
  mm::Errno create(const std::string& path, std::uint64_t bytes);
  // Bytes of a file as read(2) finds and write(2) leaves them, without a process; how many. Errors: ENOENT.
  // REQUIRES: the kernel has contents.
  mm::CallResult read(const std::string& path, std::uint64_t offset, std::span<std::byte> to) const;
  mm::CallResult write(const std::string& path, std::uint64_t offset, std::span<const std::byte> from);
  // Errors: ENOENT.
  mm::CallResult size(const std::string& path) const;
  // Descriptors: the lowest free number. Errors: ENOENT, EEXIST, EINVAL (flags).
  mm::CallResult open(Process& process, const std::string& path, std::uint64_t flags);
  mm::CallResult shm_open(Process& process, const std::string& name, std::uint64_t flags);
  mm::Errno shm_unlink(const std::string& name);
  mm::CallResult memfd_create(Process& process, const std::string& name);
  mm::Errno close(Process& process, std::uint64_t descriptor);
  // Errors: EBADF, EINVAL (not writable, too large).
  mm::Errno ftruncate(Process& process, std::uint64_t descriptor, std::uint64_t bytes);
  // The request's `file` is what the descriptor names; none is needed for MAP_ANONYMOUS.
  mm::CallResult mmap(Process& process, mm::MmapRequest request, std::uint64_t descriptor);

  // Key 0 is IPC_PRIVATE. Errors: EINVAL, EEXIST, ENOENT, ENOMEM.
  mm::CallResult shmget(Process& process, std::uint64_t key, std::uint64_t bytes, std::uint64_t flags);
  mm::CallResult shmat(Process& process, std::uint64_t id, std::uint64_t address, std::uint64_t flags);
  mm::Errno shmdt(Process& process, std::uint64_t address);
  // IPC_RMID: gone with its last attachment.
  mm::Errno shm_remove(std::uint64_t id);
  std::size_t segments() const { return segments_.size(); }

 private:
  struct Segment {
    std::uint64_t key = 0;  // 0: cannot be found by one
    std::uint64_t bytes = 0;
    std::weak_ptr<mm::VmObject> object;
    std::shared_ptr<mm::VmObject> held;  // until it is removed
  };

  mm::CallResult open_in(std::map<std::string, std::shared_ptr<mm::VmObject>>& names, Process& process,
                         const std::string& name, std::uint64_t flags);
  void forget_removed_segments();

  mm::Kernel& kernel_;
  std::map<std::string, std::shared_ptr<mm::VmObject>> files_;
  std::map<std::string, std::shared_ptr<mm::VmObject>> shared_memory_;
  std::map<std::uint64_t, Segment> segments_;
  std::uint64_t next_segment_ = 0;
};

}  // namespace pw::os
