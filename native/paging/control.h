// SPDX-License-Identifier: MIT
// The processor state that decides what an entry means and what an access may do.
#pragma once

#include <array>
#include <cstdint>

#include "paging/entry.h"
#include "paging/level.h"

namespace pw::paging {

// CR0.WP, CR4.{SMEP,SMAP,PKE,PKS,LA57}, EFER.NXE, the key registers and what CPUID says.
struct Control {
  bool write_protect = true;
  bool no_execute = true;
  bool smep = false;
  bool smap = false;
  bool protection_keys_user = false;
  bool protection_keys_supervisor = false;
  unsigned levels = 4;
  unsigned max_phys_bits = kMaxPhysBits;
  bool pages_1gib = true;
  std::uint32_t pkru = 0;
  std::uint32_t pkrs = 0;
};

// Reserved bits of a present entry, by level and by PS (SDM vol. 3A, tables 4-14 to 4-20).
class ReservedBits {
 public:
  explicit constexpr ReservedBits(const Control& control) {
    const std::uint64_t beyond = kAddressBits & ~((1ull << control.max_phys_bits) - 1);
    const std::uint64_t base = beyond | (control.no_execute ? 0 : flag::kNoExecute);
    for (Level level = kPt; level <= kPml5; ++level) {
      masks_[level][0] = base;
      masks_[level][1] = base | page_bits(level, control);
    }
  }

  constexpr std::uint64_t mask(Level level, Entry entry) const {
    return masks_[level][entry.is_page() ? 1 : 0];
  }
  // Of a PTE, whatever its bit 7 (PAT) says, and of entries that name tables, at every level.
  constexpr std::uint64_t table_mask() const { return masks_[kPt][0]; }

 private:
  // What PS=1 adds: address bits below the page's alignment (bit 12 is PAT), or PS itself.
  static constexpr std::uint64_t page_bits(Level level, const Control& control) {
    if (level == kPt) return 0;  // there the bit is PAT
    if (level > kPdpt || (level == kPdpt && !control.pages_1gib)) return flag::kPageSize;
    return (bytes_of(page_size_of(level)) - 1) & kAddressBits & ~(1ull << 12);
  }

  std::array<std::array<std::uint64_t, 2>, kMaxLevels + 1> masks_{};
};

}  // namespace pw::paging
