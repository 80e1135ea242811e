// SPDX-License-Identifier: MIT
// The forms in which the replay loop takes accesses, each reduced to what the loop asks of one. The loop
// counts in the machine's time, so that an access's place and its time are one number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/access.h"
#include "base/check.h"
#include "machine/core/kind_tally.h"

namespace pw::machine {

using Time = std::uint64_t;

// Kinds that nobody checked have selectors of their own (mmu::Selectors), of which all but the first four are
// refused.
inline constexpr unsigned kRawSelectors = kSelectors;

// An array whose first element has the index `start`.
template <class T>
class TimedArray {
 public:
  TimedArray(std::span<const T> values, Time start)
      : origin_(reinterpret_cast<std::uintptr_t>(values.data()) - start * sizeof(T)) {}
  T operator[](Time time) const { return *at(time); }
  std::span<const T> between(Time from, Time to) const { return {at(from), at(to)}; }
  // May lie beyond the end.
  void prefetch(Time time) const { PW_PREFETCH(at(time)); }

 private:
  const T* at(Time time) const { return reinterpret_cast<const T*>(origin_ + time * sizeof(T)); }

  std::uintptr_t origin_;
};

// A trace's packed words.
class PackedInput {
 public:
  static constexpr unsigned kFirstSelector = 0;  // of the four kinds; others count from there
  static constexpr bool kChecked = true;         // addresses are canonical for 57 bits
  static constexpr bool kTallied = true;         // as they come; else tally() counts them afterwards

  PackedInput(std::span<const PackedAccess> words, Time start) : words_(words, start) {}

  std::size_t kind(Time at) const { return pw::selector(words_[at]); }
  void prefetch(Time at) const { words_.prefetch(at); }
  // Kind and flags are the high bits, and all zero for a fetch.
  bool is_fetch(Time at) const { return words_[at] < 1ull << kKindShift; }
  VirtAddr address(Time at) const { return pw::address_of(words_[at]); }
  // Sign-extended page number.
  std::int64_t page(Time at, unsigned shift) const {
    constexpr unsigned kSpare = 64 - kMaxVirtBits;
    return static_cast<std::int64_t>(words_[at] << kSpare) >> (kSpare + shift);
  }

 private:
  TimedArray<PackedAccess> words_;
};

// Addresses with a kind each, neither checked.
class AddressInput {
 public:
  static constexpr unsigned kFirstSelector = kRawSelectors;
  static constexpr bool kChecked = false;
  static constexpr bool kTallied = false;

  AddressInput(std::span<const std::uint64_t> addresses, std::span<const std::uint8_t> kinds, Time start)
      : addresses_(addresses, start), kinds_(kinds, start) {}

  std::size_t kind(Time at) const { return kinds_[at]; }
  // REQUIRES: fewer than 2^kTallyBits, of kinds that there are; here and below.
  std::uint64_t tally(Time from, Time to) const { return tally_of(kinds_.between(from, to)); }
  void prefetch(Time at) const {
    addresses_.prefetch(at);
    kinds_.prefetch(at + kKindsFurther);
  }
  bool is_fetch(Time at) const { return kinds_[at] == static_cast<unsigned>(AccessKind::Fetch); }
  VirtAddr address(Time at) const { return VirtAddr(addresses_[at]); }
  std::int64_t page(Time at, unsigned shift) const {
    return static_cast<std::int64_t>(addresses_[at]) >> shift;
  }

 private:
  static constexpr Time kKindsFurther = 448;  // seven lines of the host's caches: kinds are bytes

  TimedArray<std::uint64_t> addresses_;
  TimedArray<std::uint8_t> kinds_;
};

// Addresses, not checked, all of them loads.
class LoadInput {
 public:
  static constexpr unsigned kFirstSelector = 0;
  static constexpr bool kChecked = false;
  static constexpr bool kTallied = false;

  LoadInput(std::span<const std::uint64_t> addresses, Time start) : addresses_(addresses, start) {}

  std::size_t kind(Time) const { return static_cast<std::size_t>(AccessKind::Load); }
  std::uint64_t tally(Time from, Time to) const { return tally_of(AccessKind::Load, to - from); }
  void prefetch(Time at) const { addresses_.prefetch(at); }
  bool is_fetch(Time) const { return false; }
  VirtAddr address(Time at) const { return VirtAddr(addresses_[at]); }
  std::int64_t page(Time at, unsigned shift) const {
    return static_cast<std::int64_t>(addresses_[at]) >> shift;
  }

 private:
  TimedArray<std::uint64_t> addresses_;
};

}  // namespace pw::machine
