// SPDX-License-Identifier: MIT
// What a TLB holds: a tag (page, page size, address space) and the effective leaf entry.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "paging/entry.h"

namespace pw::tlb {

// The effective leaf: page address, rights of the whole path, key, D (known to be set), G.
using paging::Entry;

struct Translation {
  Entry page;
  PageSize size = PageSize::Size4KiB;

  PhysAddr physical(VirtAddr address) const {
    return PhysAddr(page.page(size).value() + offset_in_page(address, size));
  }
};

// Page number (45 bits), page size and address space in one word; kNoTag matches nothing.
using Tag = std::uint64_t;
inline constexpr Tag kNoTag = ~0ull;
inline constexpr unsigned kTagPageBits = kMaxVirtBits - kFrameShift;
inline constexpr unsigned kTagAsidShift = kTagPageBits + 2;
inline constexpr unsigned kAsidBits = 12;
// Above the address spaces in a tag: pages that are global and so belong to every one of them.
inline constexpr Asid kGlobalAsid{1ull << kAsidBits};
static_assert(kTagAsidShift + kAsidBits + 1 < 64, "a tag must leave room for kNoTag");

constexpr VirtPage tag_page(VirtAddr address, PageSize size) {
  constexpr std::uint64_t kMask = (1ull << kMaxVirtBits) - 1;
  return VirtPage((address.value() & kMask) >> shift_of(size));
}
constexpr Tag tag_of(VirtPage page, PageSize size, Asid asid) {
  return page.value() | static_cast<std::uint64_t>(size) << kTagPageBits | asid.value() << kTagAsidShift;
}

// The first address of a tag's page.
constexpr VirtAddr address_of(Tag tag, PageSize size) {
  return sign_extend((tag & ((1ull << kTagPageBits) - 1)) << shift_of(size), kMaxVirtBits);
}
constexpr PageSize size_of(Tag tag) { return static_cast<PageSize>(tag >> kTagPageBits & 3); }
// kGlobalAsid of a global page.
constexpr Asid asid_of(Tag tag) {
  return Asid(tag >> kTagAsidShift & (kGlobalAsid.value() | (kGlobalAsid.value() - 1)));
}

}  // namespace pw::tlb
