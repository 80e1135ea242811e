// SPDX-License-Identifier: MIT
// An access of some bytes: which pages it reaches, in which order.
#pragma once

#include <optional>

#include "base/access.h"
#include "base/check.h"
#include "mmu/exception.h"
#include "paging/permission.h"
#include "tlb/entry.h"

namespace pw::mmu {

// An explicit access of up to kMaxBytes bytes.
struct Access {
  static constexpr unsigned kMaxBytes = 64;

  VirtAddr address;
  unsigned bytes = 1;
  paging::AccessType type;
};

// Where bytes of an access went.
struct Reached {
  PhysAddr address;
  PageSize size = PageSize::Size4KiB;
};

constexpr AccessKind kind_of(paging::AccessType access) {
  if (access.operation == paging::Operation::Fetch) return AccessKind::Fetch;
  return access.operation == paging::Operation::Write ? AccessKind::Store : AccessKind::Load;
}

// Fills `exception`, `first` and `second` of an outcome. translate(address) gives a translation, or nothing
// and says in the outcome why. The lower page comes first; halves in one page are translated once.
template <class Outcome, class Translate>
PW_ALWAYS_INLINE void reach(const Access& access, unsigned virtual_bits, Outcome& outcome,
                            Translate translate) {
  PW_DCHECK(access.bytes >= 1 && access.bytes <= Access::kMaxBytes);
  const VirtAddr last(access.address.value() + access.bytes - 1);
  if (!is_canonical(access.address, virtual_bits) || !is_canonical(last, virtual_bits)) {
    outcome.exception = Exception::general_protection();
    return;
  }
  const std::optional<tlb::Translation> first = translate(access.address);
  if (!first) return;
  outcome.first = {first->physical(access.address), first->size};
  if (page_of(last, first->size) == page_of(access.address, first->size)) return;
  const VirtAddr boundary = address_of(page_of(last));
  if (const std::optional<tlb::Translation> second = translate(boundary))
    outcome.second = Reached{second->physical(boundary), second->size};
}

}  // namespace pw::mmu
