// SPDX-License-Identifier: MIT
// What an entry says after the rights of its VMA, or its protection by a handler, have changed.
#pragma once

#include "mm/kernel.h"

namespace pw::mm {

// The entry of a resident page with the rights that its VMA has now. What a private page may be stored to without
// a copy keeps or gets R/W, but where a handler protects it.
inline paging::Entry with_rights(const Kernel& kernel, const Vma& vma, paging::Entry entry) {
  namespace flag = paging::flag;
  const FrameIndex frame = leaf::frame_of(entry);
  const std::uint64_t kept =
      entry.bits() & (flag::kAccessed | flag::kDirty | leaf::kZeroPage | leaf::kUserProtected);
  const paging::Entry changed((leaf::of(frame, vma).bits() & ~flag::kAccessed) | kept);
  if (!vma.has(vm::kWrite) || entry.has(leaf::kZeroPage) || leaf::is_protected(entry) ||
      !changed.is_present())
    return changed;
  const bool is_own = vma.has(vm::kShared) ||
                      (kernel.record(frame).kind == PageKind::Anonymous && kernel.is_exclusive(frame));
  return is_own ? changed.with(flag::kWritable) : changed;
}

}  // namespace pw::mm
