// SPDX-License-Identifier: MIT
// The memory calls of a process, with Linux's semantics and error numbers on x86-64 (man-pages section 2; where
// these are silent, the kernel's source, 6.18). Arguments are the raw values that a program passes; none of them is
// trusted. What is left out is said in docs/design/address-spaces.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "mm/address_space.h"
#include "mm/calls/abi.h"

namespace pw::mm {

// A file as it was opened, for mmap.
struct OpenFile {
  std::shared_ptr<VmObject> object;
  bool readable = true;
  bool writable = true;
};

struct MmapRequest {
  std::uint64_t address = 0;
  std::uint64_t length = 0;
  std::uint64_t protection = 0;
  std::uint64_t flags = 0;
  const OpenFile* file = nullptr;  // EBADF without one, unless MAP_ANONYMOUS
  std::uint64_t offset = 0;
};

CallResult mmap(AddressSpace& space, const MmapRequest& request);
Errno munmap(AddressSpace& space, std::uint64_t address, std::uint64_t length);
Errno mprotect(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t protection);
// Also pkey_mprotect: the key goes to the entries. Errors: EINVAL (no key of 0 to 15).
Errno pkey_mprotect(AddressSpace& space, std::uint64_t address, std::uint64_t length,
                    std::uint64_t protection, std::uint64_t key);
struct MremapRequest {
  std::uint64_t address = 0;
  std::uint64_t old_length = 0;
  std::uint64_t new_length = 0;
  std::uint64_t flags = 0;
  std::uint64_t new_address = 0;
};
CallResult mremap(AddressSpace& space, const MremapRequest& request);
Errno madvise(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t advice);
Errno mlock(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t flags = 0);
Errno munlock(AddressSpace& space, std::uint64_t address, std::uint64_t length);
Errno mlockall(AddressSpace& space, std::uint64_t flags);
Errno munlockall(AddressSpace& space);
Errno msync(AddressSpace& space, std::uint64_t address, std::uint64_t length, std::uint64_t flags);
// One byte a page: 1 where an access would need no device. REQUIRES: room for every page of the length.
Errno mincore(AddressSpace& space, std::uint64_t address, std::uint64_t length,
              std::span<std::uint8_t> residency);
// The end of the heap afterwards, which is the old one if it could not be moved.
std::uint64_t brk(AddressSpace& space, std::uint64_t end);
// A copy that shares every page until one of both stores to it; nullptr: ENOMEM.
std::unique_ptr<AddressSpace> fork(AddressSpace& parent);
// ftruncate of what is mapped. Errors: EINVAL.
Errno truncate(Kernel& kernel, VmObject& object, std::uint64_t bytes);

// What the calls share.

// Rounded up to whole pages; 0 where that overflows.
constexpr std::uint64_t page_align(std::uint64_t bytes) {
  return (bytes + kFrameBytes - 1) & ~(kFrameBytes - 1);
}
constexpr PageRange pages_of(std::uint64_t address, std::uint64_t bytes) {
  return PageRange::of(VirtPage(address >> kFrameShift), bytes >> kFrameShift);
}
// Whether VMAs with these flags count towards the commit limit.
constexpr bool is_accountable(std::uint32_t flags) {
  return (flags & (vm::kNoReserve | vm::kShared | vm::kWrite)) == vm::kWrite;
}
// Brings the pages of a range in, as mlock does: with a copy of its own where a private page may be written.
// Errors: EFAULT (no VMA, no rights, behind the end of a file), ENOMEM.
Errno populate(AddressSpace& space, PageRange range);
// Changes VM_LOCKED of a range inside a VMA, and the locks of its pages; nullptr: there are too many VMAs.
Vma* set_locked(AddressSpace& space, Vma& vma, PageRange range, std::uint32_t lock_flags);

}  // namespace pw::mm
