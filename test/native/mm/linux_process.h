// SPDX-License-Identifier: MIT
// A real process that makes memory calls on demand, inside an arena of its own, and reports what /proc/self/maps
// and mincore say of it: the twin that decides what Linux does.
//
// The arena is the highest room below mmap_base, so that calls without an address land in it; a mapping of its own
// at each end keeps its VMAs from merging with others. After Fork the child goes on in the place of the parent,
// until Exit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mm/calls/abi.h"

namespace pw::test {

enum class LinuxCall : std::uint32_t {
  Mmap,
  Munmap,
  Mprotect,
  Mremap,
  Madvise,
  Mlock,
  Munlock,
  Msync,
  Touch,
  UserRegister,
  UserUnregister,
  UserCopy,
  UserZero,
  UserContinue,
  UserProtect,
  UserWake,
  Fork,
  Exit,
  Quit,
};

struct LinuxCommand {
  LinuxCall call = LinuxCall::Quit;
  std::uint64_t arguments[6]{};
};

struct LinuxVma {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;
  char rights[5]{};
  bool has_file = false;
};

struct LinuxReply {
  static constexpr unsigned kMostVmas = 4096;
  static constexpr unsigned kMostPages = 8192;
  static constexpr unsigned kMostFilePages = 64;

  std::uint64_t value = 0;  // of Touch: the byte, or the signal << 8 | si_code, with bit 32 set
  int error = 0;
  unsigned vmas = 0;
  LinuxVma vma[kMostVmas];
  std::uint8_t residency[kMostPages]{};
  std::uint8_t cached[kMostFilePages]{};  // pages of the file that are in the page cache
};
inline constexpr std::uint64_t kSignaled = 1ull << 32;
// UserCopy, UserZero and UserContinue: EAGAIN after so many bytes.
inline constexpr std::uint64_t kPartly = 1ull << 62;

struct LinuxSetup {
  std::uint64_t arena_pages = 0;
  std::uint64_t file_pages = 0;
  std::uint64_t lock_limit = 0;
  std::uint64_t user_fault_features = 0;  // of a userfaultfd; 0: there is none
};

class LinuxProcess {
 public:
  // Nothing, and the reason, where the machine does not allow it.
  static std::optional<LinuxProcess> start(const LinuxSetup& setup, std::string& reason);
  LinuxProcess(LinuxProcess&& other) noexcept;
  LinuxProcess& operator=(LinuxProcess&&) = delete;
  ~LinuxProcess();

  std::uint64_t arena() const;  // its first address
  // Valid until the next call.
  const LinuxReply& call(const LinuxCommand& command);

 private:
  struct Exchange;
  LinuxProcess() = default;

  Exchange* exchange_ = nullptr;
  int commands_ = -1;
  int replies_ = -1;
  int pid_ = -1;
};

}  // namespace pw::test
