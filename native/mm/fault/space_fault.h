// SPDX-License-Identifier: MIT
// A page fault of an address space on its way through the chain, and what it turned out to be.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "mm/address_space.h"
#include "mm/fault/handler.h"
#include "paging/page_fault.h"

namespace pw::mm {

enum class FaultReason : std::uint8_t {
  DemandZero,    // first touch of anonymous memory
  FileRead,      // a page of an object, read or found in the page cache
  CopyOnWrite,   // a store to a page that others use too
  SwapIn,        // read from its slot
  SwapCacheHit,  // in a slot, and still in a frame
  StackGrowth,   // below a stack, which grew
  Spurious,      // the tables allow the access
  GuardPage,     // no rights at all, or the gap below a stack that may not grow
  KernelAccess,  // an address that is not the user's
  WriteToReadOnly,
  ExecuteOfNoExecute,
  ProtectionKey,
  ReservedBit,   // a corrupted entry
  BadAddress,    // no VMA
  BeyondObject,  // behind the end of a file
  OutOfMemory,
  RefusedByHook,  // the mapping hook
  UserFault,      // a range whose faults the process handles
};
inline constexpr std::size_t kFaultReasons = static_cast<std::size_t>(FaultReason::UserFault) + 1;

constexpr std::string_view name_of(FaultReason reason) {
  constexpr std::array<std::string_view, kFaultReasons> kNames = {
      "demand-zero",           "file-read",       "copy-on-write", "swap-in",       "swap-cache-hit",
      "stack-growth",          "spurious",        "guard-page",    "kernel-access", "write-to-read-only",
      "execute-of-no-execute", "protection-key",  "reserved-bit",  "bad-address",   "beyond-object",
      "out-of-memory",         "refused-by-hook", "user-fault"};
  return kNames[static_cast<std::size_t>(reason)];
}

// si_code of SIGSEGV (sigaction(2)); a bus error has BUS_ADRERR.
enum class SegvCode : std::uint8_t { MapErr = 1, AccErr = 2, PkuErr = 4 };

struct SpaceFault {
  AddressSpace& space;
  VirtAddr address;
  std::uint32_t error_code = 0;  // paging::error_code
  bool is_call = false;          // a memory call brings the page in; it cannot wait

  // Found out on the way.
  Vma* vma = nullptr;  // the one that holds the page
  std::optional<paging::Leaf> leaf = std::nullopt;
  paging::Entry entry = {};  // what the leaf says
  FaultReason reason = FaultReason::BadAddress;
  SegvCode code = SegvCode::MapErr;
  bool grew_stack = false;
  std::uint64_t device_ns = 0;      // time that devices took
  UserFaults* waits_for = nullptr;  // of Blocked

  Kernel& kernel() const { return space.kernel(); }
  VirtPage page() const { return page_of(address); }
  bool is_write() const { return (error_code & paging::error_code::kWrite) != 0; }
  bool is_protected() const { return vma->has(vm::kUserWriteProtect) && leaf::is_protected(entry); }
  bool is_fetch() const { return (error_code & paging::error_code::kFetch) != 0; }

  // What the entry of a private page of its own gets beside the rights: a page that is protected faults again for a
  // store.
  std::uint64_t store_bits() const {
    if (is_protected()) [[unlikely]]
      return leaf::kUserProtected;
    return (vma->has(vm::kWrite) ? paging::flag::kWritable : 0) | (is_write() ? paging::flag::kDirty : 0);
  }

  FaultOutcome refuse(FaultReason why, SegvCode with) {
    reason = why;
    code = with;
    return FaultOutcome::SegmentationFault;
  }
  FaultOutcome resolve(FaultReason how, FaultOutcome outcome = FaultOutcome::ResolvedMinor) {
    reason = how;
    return outcome;
  }
  FaultOutcome out_of_memory() {
    reason = FaultReason::OutOfMemory;
    return FaultOutcome::OutOfMemory;
  }
};

}  // namespace pw::mm
