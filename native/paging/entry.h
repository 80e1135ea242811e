// SPDX-License-Identifier: MIT
// One 64-bit paging-structure entry, bit for bit (Intel SDM vol. 3A, section 4.5, tables 4-15 to 4-20).
#pragma once

#include <cstdint>

#include "base/address.h"

namespace pw::paging {

namespace flag {
inline constexpr std::uint64_t kPresent = 1ull << 0;
inline constexpr std::uint64_t kWritable = 1ull << 1;  // R/W
inline constexpr std::uint64_t kUser = 1ull << 2;      // U/S
inline constexpr std::uint64_t kAccessed = 1ull << 5;
inline constexpr std::uint64_t kDirty = 1ull << 6;     // leaves only
inline constexpr std::uint64_t kPageSize = 1ull << 7;  // PS: a PDE or PDPTE that maps a page
inline constexpr std::uint64_t kGlobal = 1ull << 8;    // leaves only
inline constexpr std::uint64_t kNoExecute = 1ull << 63;
}  // namespace flag

inline constexpr unsigned kKeyShift = 59;
inline constexpr std::uint64_t kKeyMask = 0xfull << kKeyShift;  // protection key, leaves only
inline constexpr std::uint64_t kAddressBits = 0x000ffffffffff000ull;

class Entry {
 public:
  constexpr Entry() = default;
  explicit constexpr Entry(std::uint64_t bits) : bits_(bits) {}

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool has(std::uint64_t flags) const { return (bits_ & flags) == flags; }
  constexpr bool is_present() const { return has(flag::kPresent); }
  constexpr bool is_writable() const { return has(flag::kWritable); }
  constexpr bool is_user() const { return has(flag::kUser); }
  constexpr bool is_accessed() const { return has(flag::kAccessed); }
  constexpr bool is_dirty() const { return has(flag::kDirty); }
  constexpr bool is_page() const { return has(flag::kPageSize); }
  constexpr bool is_global() const { return has(flag::kGlobal); }
  constexpr bool is_no_execute() const { return has(flag::kNoExecute); }
  constexpr unsigned protection_key() const { return static_cast<unsigned>((bits_ & kKeyMask) >> kKeyShift); }
  // Of the table that a non-leaf entry names.
  constexpr PhysAddr table() const { return PhysAddr(bits_ & kAddressBits); }
  // Of the page that a leaf maps; the low bits of a large leaf's address field (PAT) are not part of it.
  constexpr PhysAddr page(PageSize size) const {
    return PhysAddr(bits_ & kAddressBits & ~(bytes_of(size) - 1));
  }

  constexpr Entry with(std::uint64_t flags) const { return Entry(bits_ | flags); }
  constexpr Entry without(std::uint64_t flags) const { return Entry(bits_ & ~flags); }
  friend constexpr bool operator==(Entry, Entry) = default;

 private:
  std::uint64_t bits_ = 0;
};
static_assert(sizeof(Entry) == 8);

}  // namespace pw::paging
