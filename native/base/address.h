// SPDX-License-Identifier: MIT
// Addresses, page numbers and frame indices as types that do not convert into each other.
// The only place that shifts by 12, 21 and 30.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pw {

enum class PageSize : std::uint8_t { Size4KiB, Size2MiB, Size1GiB };

inline constexpr std::size_t kPageSizes = 3;
inline constexpr unsigned kFrameShift = 12;
inline constexpr std::uint64_t kFrameBytes = 1ull << kFrameShift;
inline constexpr unsigned kMaxVirtBits = 57;
inline constexpr unsigned kMaxPhysBits = 52;

constexpr unsigned shift_of(PageSize size) { return 12 + 9 * static_cast<unsigned>(size); }
constexpr std::uint64_t bytes_of(PageSize size) { return 1ull << shift_of(size); }
// Frames of 4 KiB in one page of `size`, as a power of two.
constexpr unsigned order_of(PageSize size) { return shift_of(size) - kFrameShift; }
constexpr std::string_view name_of(PageSize size) {
  constexpr std::string_view kNames[kPageSizes] = {"4KiB", "2MiB", "1GiB"};
  return kNames[static_cast<std::size_t>(size)];
}
static_assert(bytes_of(PageSize::Size4KiB) == 4096);
static_assert(bytes_of(PageSize::Size2MiB) == 2u << 20);
static_assert(bytes_of(PageSize::Size1GiB) == 1u << 30);

// A 64-bit value of its own kind: ordered, explicit in both directions.
template <class Tag>
class Unit {
 public:
  constexpr Unit() = default;
  explicit constexpr Unit(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const { return value_; }
  friend constexpr auto operator<=>(Unit, Unit) = default;

 private:
  std::uint64_t value_ = 0;
};

using VirtAddr = Unit<struct VirtAddrTag>;
using PhysAddr = Unit<struct PhysAddrTag>;
// A page number in units of the page size it is used with (4 KiB where nothing else is said).
using VirtPage = Unit<struct VirtPageTag>;
// Index of a 4 KiB frame of physical memory.
using FrameIndex = Unit<struct FrameIndexTag>;
// Our tag of an address space; the processor's name for it is PCID.
using Asid = Unit<struct AsidTag>;

// Bits 63..bits-1 all equal.
constexpr bool is_canonical(VirtAddr address, unsigned bits) {
  return (address.value() + (1ull << (bits - 1))) >> (bits - 1) >> 1 == 0;
}
static_assert(is_canonical(VirtAddr(0x00007fffffffffff), 48));
static_assert(!is_canonical(VirtAddr(0x0000800000000000), 48));
static_assert(is_canonical(VirtAddr(0xffff800000000000), 48));
static_assert(!is_canonical(VirtAddr(0xffff7fffffffffff), 48));

constexpr VirtAddr sign_extend(std::uint64_t low_bits, unsigned bits) {
  const unsigned spare = 64 - bits;
  return VirtAddr(static_cast<std::uint64_t>(static_cast<std::int64_t>(low_bits << spare) >> spare));
}

constexpr VirtPage page_of(VirtAddr address, PageSize size = PageSize::Size4KiB) {
  return VirtPage(address.value() >> shift_of(size));
}
constexpr VirtAddr address_of(VirtPage page, PageSize size = PageSize::Size4KiB) {
  return VirtAddr(page.value() << shift_of(size));
}
constexpr FrameIndex frame_of(PhysAddr address) { return FrameIndex(address.value() >> kFrameShift); }
constexpr PhysAddr address_of(FrameIndex frame) { return PhysAddr(frame.value() << kFrameShift); }
constexpr std::uint64_t offset_in_page(VirtAddr address, PageSize size) {
  return address.value() & (bytes_of(size) - 1);
}

}  // namespace pw
