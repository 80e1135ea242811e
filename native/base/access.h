// SPDX-License-Identifier: MIT
// The unit of input: one access packed into one 64-bit word.
//
//   bits  0..56  virtual address (sign-extended from bit 56 on use)
//   bits 57..58  kind: fetch, load, store, modify
//   bit  59      second half of an access that crosses a 4 KiB boundary
//   bits 60..63  zero
//
// Bits 57..63 together index tables of 128 entries, so kind and flags cost one shift.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/address.h"

namespace pw {

enum class AccessKind : std::uint8_t { Fetch, Load, Store, Modify };

inline constexpr unsigned kAccessKinds = 4;

constexpr std::string_view name_of(AccessKind kind) {
  constexpr std::string_view kNames[kAccessKinds] = {"fetch", "load", "store", "modify"};
  return kNames[static_cast<unsigned>(kind)];
}
constexpr bool is_write(AccessKind kind) { return kind >= AccessKind::Store; }

using PackedAccess = std::uint64_t;

inline constexpr unsigned kKindShift = kMaxVirtBits;
inline constexpr PackedAccess kAddressMask = (1ull << kKindShift) - 1;
inline constexpr PackedAccess kSecondHalf = 1ull << 59;
inline constexpr unsigned kSelectors = 128;  // values of selector()

enum class Half : std::uint8_t { First, Second };

constexpr PackedAccess pack(VirtAddr address, AccessKind kind, Half half = Half::First) {
  return (address.value() & kAddressMask) | (static_cast<std::uint64_t>(kind) << kKindShift) |
         (half == Half::Second ? kSecondHalf : 0);
}
constexpr VirtAddr address_of(PackedAccess word) { return sign_extend(word, kMaxVirtBits); }
constexpr AccessKind kind_of(PackedAccess word) { return static_cast<AccessKind>(word >> kKindShift & 3); }
constexpr bool is_second_half(PackedAccess word) { return (word & kSecondHalf) != 0; }
constexpr unsigned selector(PackedAccess word) { return static_cast<unsigned>(word >> kKindShift); }

}  // namespace pw
