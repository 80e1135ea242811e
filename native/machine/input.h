// SPDX-License-Identifier: MIT
// The forms in which the replay loop takes accesses, each reduced to what the loop asks of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/access.h"

namespace pw::machine {

// A trace's packed words.
struct PackedInput {
  std::span<const PackedAccess> words;

  std::size_t size() const { return words.size(); }
  unsigned selector(std::size_t i) const { return pw::selector(words[i]); }
  VirtAddr address(std::size_t i) const { return pw::address_of(words[i]); }
  // Sign-extended page number.
  template <unsigned kShift>
  std::int64_t page(std::size_t i) const {
    constexpr unsigned kSpare = 64 - kMaxVirtBits;
    return static_cast<std::int64_t>(words[i] << kSpare) >> (kSpare + kShift);
  }
};

// Addresses, not checked, with a kind each.
struct AddressInput {
  std::span<const std::uint64_t> addresses;
  std::span<const std::uint8_t> kinds;

  std::size_t size() const { return addresses.size(); }
  unsigned selector(std::size_t i) const { return kinds[i]; }
  VirtAddr address(std::size_t i) const { return VirtAddr(addresses[i]); }
  template <unsigned kShift>
  std::int64_t page(std::size_t i) const {
    return static_cast<std::int64_t>(addresses[i]) >> kShift;
  }
};

// Addresses, not checked, all of them loads.
struct LoadInput {
  std::span<const std::uint64_t> addresses;

  std::size_t size() const { return addresses.size(); }
  unsigned selector(std::size_t) const { return static_cast<unsigned>(AccessKind::Load); }
  VirtAddr address(std::size_t i) const { return VirtAddr(addresses[i]); }
  template <unsigned kShift>
  std::int64_t page(std::size_t i) const {
    return static_cast<std::int64_t>(addresses[i]) >> kShift;
  }
};

}  // namespace pw::machine
