// SPDX-License-Identifier: MIT
// What leaf entries of processes say beyond the architecture's bits: a page that is resident but may not be
// used, the shared page of zeros, a page in swap (mm/swap/entry.h).
#pragma once

#include <cstdint>

#include "mm/swap/entry.h"
#include "mm/vma_digest.h"
#include "paging/entry.h"

namespace pw::mm::leaf {

namespace flag = paging::flag;

// P is clear though a frame is mapped: no rights at all (as Linux's _PAGE_PROTNONE, the place of G).
inline constexpr std::uint64_t kNoRights = flag::kGlobal;
// Software's bits 9 to 11 (SDM vol. 3A, table 4-20). The page of zeros is nobody's: it is neither counted nor in
// the reverse map.
inline constexpr std::uint64_t kZeroPage = 1ull << 9;
// A user's fault handler protected the page from stores; R/W is clear (Linux's _PAGE_UFFD_WP, the same bit).
inline constexpr std::uint64_t kUserProtected = 1ull << 10;

constexpr bool is_resident(paging::Entry entry) {
  return entry.is_present() || (entry.bits() & (flag::kPresent | kNoRights)) == kNoRights;
}
constexpr bool is_swapped(paging::Entry entry) { return !is_resident(entry) && SwapEntry::is_evicted(entry); }
constexpr bool is_zero_page(paging::Entry entry) { return is_resident(entry) && entry.has(kZeroPage); }
// Resident in a frame of its own.
constexpr bool has_frame(paging::Entry entry) { return is_resident(entry) && !entry.has(kZeroPage); }
constexpr FrameIndex frame_of(paging::Entry entry) {
  return pw::frame_of(PhysAddr(entry.bits() & paging::kAddressBits));
}

// Nothing is mapped, and nothing is in swap.
constexpr bool is_empty(paging::Entry entry) { return (entry.bits() & ~SwapEntry::kUserProtected) == 0; }
constexpr bool is_protected(paging::Entry entry) {
  return entry.has(is_resident(entry) ? kUserProtected : SwapEntry::kUserProtected);
}
constexpr paging::Entry protect(paging::Entry entry) {
  return is_resident(entry) ? entry.with(kUserProtected).without(flag::kWritable)
                            : entry.with(SwapEntry::kUserProtected);
}
constexpr paging::Entry unprotect(paging::Entry entry) {
  return entry.without(is_resident(entry) ? kUserProtected : SwapEntry::kUserProtected);
}
// What stays of an entry whose page is gone but not its protection.
constexpr paging::Entry remains_of(paging::Entry entry) {
  return is_protected(entry) ? SwapEntry::marker() : paging::Entry();
}

// The entry of a page in a frame with the rights of the VMA, but R/W. On x86 what may be written or executed may be
// read; without rights P is clear.
inline paging::Entry of(FrameIndex frame, const Vma& vma) {
  std::uint64_t bits = address_of(frame).value() | flag::kUser | flag::kAccessed;
  bits |= vma.flags & vm::kRights ? flag::kPresent : kNoRights;
  if (!vma.has(vm::kExec)) bits |= flag::kNoExecute;
  bits |= static_cast<std::uint64_t>(vma.protection_key) << paging::kKeyShift;
  return paging::Entry(bits);
}

// After the first store to a page of a VMA that takes stores.
inline paging::Entry of_stored(FrameIndex frame, VmaDigest vma) {
  constexpr std::uint64_t kStored =
      flag::kPresent | flag::kWritable | flag::kUser | flag::kAccessed | flag::kDirty;
  return paging::Entry(address_of(frame).value() | kStored | (vma.is_executable() ? 0 : flag::kNoExecute));
}

}  // namespace pw::mm::leaf
