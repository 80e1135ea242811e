// SPDX-License-Identifier: MIT
// A VMA: a range of an address space with one set of rights and one backing.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "mm/page_range.h"

namespace pw::mm {

class UserFaults;
class VmObject;

// Names follow Linux's VM_ flags (include/linux/mm.h); the values are ours.
namespace vm {
inline constexpr std::uint32_t kRead = 1u << 0;
inline constexpr std::uint32_t kWrite = 1u << 1;
inline constexpr std::uint32_t kExec = 1u << 2;
inline constexpr std::uint32_t kRights = kRead | kWrite | kExec;
inline constexpr std::uint32_t kMayShift = 3;  // MayRead, MayWrite, MayExec: what mprotect may grant
inline constexpr std::uint32_t kMayRead = kRead << kMayShift;
inline constexpr std::uint32_t kMayWrite = kWrite << kMayShift;
inline constexpr std::uint32_t kMayExec = kExec << kMayShift;
inline constexpr std::uint32_t kShared = 1u << 6;     // stores reach the object
inline constexpr std::uint32_t kMayShare = 1u << 7;   // MAP_SHARED, whether stores are possible or not
inline constexpr std::uint32_t kGrowsDown = 1u << 8;  // a stack
inline constexpr std::uint32_t kLocked = 1u << 9;
inline constexpr std::uint32_t kLockOnFault = 1u << 10;
inline constexpr std::uint32_t kLockMask = kLocked | kLockOnFault;
inline constexpr std::uint32_t kAccounted = 1u << 11;  // counts towards the commit limit
inline constexpr std::uint32_t kNoReserve = 1u << 12;
inline constexpr std::uint32_t kSequential = 1u << 13;
inline constexpr std::uint32_t kRandom = 1u << 14;
inline constexpr std::uint32_t kDontFork = 1u << 15;
inline constexpr std::uint32_t kWipeOnFork = 1u << 16;
inline constexpr std::uint32_t kDontDump = 1u << 17;
inline constexpr std::uint32_t kHugePage = 1u << 18;
inline constexpr std::uint32_t kNoHugePage = 1u << 19;
inline constexpr std::uint32_t kMergeable = 1u << 20;
// Faults that go to handlers of the process's own (userfaultfd(2)): pages that are missing, stores to pages that it
// protected, pages of shared memory that are in memory but not mapped.
inline constexpr std::uint32_t kUserMissing = 1u << 21;
inline constexpr std::uint32_t kUserWriteProtect = 1u << 22;
inline constexpr std::uint32_t kUserMinor = 1u << 23;
inline constexpr std::uint32_t kUserFaults = kUserMissing | kUserWriteProtect | kUserMinor;
}  // namespace vm

// Which anonymous pages a VMA may hold, as far as it decides about merging (Linux's anon_vma): two VMAs with
// faulted pages merge if they were one before.
struct AnonFamily {
  std::uint64_t id : 63 = 0;        // 0: no anonymous page was ever faulted in
  std::uint64_t inherited : 1 = 0;  // pages of a parent may be among them
  friend bool operator==(AnonFamily, AnonFamily) = default;
};

// What a VMA is, or is to become.
struct Area {
  PageRange range;
  std::shared_ptr<VmObject> object = nullptr;  // nullptr: anonymous and private
  std::uint64_t offset = 0;  // page of the object at range.first; of anonymous memory as it was mapped
  AnonFamily anon = {};
  UserFaults* user = nullptr;  // with one of vm::kUserFaults: who gets these faults; the address space's
  std::uint32_t flags = 0;
  std::uint8_t protection_key = 0;

  bool has(std::uint32_t wanted) const { return (flags & wanted) == wanted; }
  bool is_anonymous() const { return object == nullptr; }
  // Stores make private copies.
  bool copies_on_write() const { return (flags & (vm::kShared | vm::kMayWrite)) == vm::kMayWrite; }
  std::uint64_t page_in_object(VirtPage page) const { return offset + (page.value() - range.first.value()); }
  bool reaches(std::uint64_t index) const { return index >= offset && index - offset < range.pages(); }
  VirtPage page_at(std::uint64_t index) const { return VirtPage(range.first.value() + (index - offset)); }
};

// What a fault asks for stands in the first cache line, with the compilers that put members behind those of a base.
struct alignas(64) Vma : Area {
  explicit Vma(Area area) : Area(std::move(area)) {}

  // Whether no free page lies between the neighbors, and those, by address; kept by VmaTree.
  bool meets_previous = false;
  bool meets_next = false;
  Vma* previous = nullptr;
  Vma* next = nullptr;
};

}  // namespace pw::mm
