// SPDX-License-Identifier: MIT
// What the leaf entry of an evicted page holds. P is clear, so the rest is software's (SDM vol. 3A,
// section 4.5: bits 63:1 of an entry that is not present are ignored).
#pragma once

#include <cstdint>

#include "paging/entry.h"

namespace pw::mm {

// Bit 1 marks a page that was resident before; bits 12 and up hold the swap slot, 0 if the page was
// never stored to and so has no copy. Bit 2 keeps the protection by a user's fault handler (Linux's
// _PAGE_SWP_UFFD_WP); alone it is a marker: the page is nowhere, and is to be protected when it comes.
class SwapEntry {
 public:
  static constexpr paging::Entry of_slot(std::uint32_t slot) {
    return paging::Entry(kEvicted | static_cast<std::uint64_t>(slot) << kSlotShift);
  }
  static constexpr bool is_evicted(paging::Entry entry) {
    return !entry.is_present() && (entry.bits() & kEvicted);
  }
  static constexpr std::uint32_t slot_of(paging::Entry entry) {
    return static_cast<std::uint32_t>(entry.bits() >> kSlotShift);
  }
  static constexpr std::uint64_t kUserProtected = 4;
  static constexpr paging::Entry marker() { return paging::Entry(kUserProtected); }

 private:
  static constexpr std::uint64_t kEvicted = 2;
  static constexpr unsigned kSlotShift = 12;
};

}  // namespace pw::mm
