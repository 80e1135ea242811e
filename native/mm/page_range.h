// SPDX-License-Identifier: MIT
// A range of pages of 4 KiB: what VMAs cover and what memory calls are about.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/address.h"

namespace pw::mm {

// [first, end); empty where first == end.
struct PageRange {
  VirtPage first;
  VirtPage end;

  static constexpr PageRange of(VirtPage first, std::uint64_t pages) {
    return {first, VirtPage(first.value() + pages)};
  }
  static constexpr PageRange of(std::uint64_t first, std::uint64_t end) {
    return {VirtPage(first), VirtPage(end)};
  }

  constexpr std::uint64_t pages() const { return end.value() - first.value(); }
  constexpr bool is_empty() const { return first >= end; }
  constexpr bool contains(VirtPage page) const { return first <= page && page < end; }
  constexpr bool overlaps(PageRange other) const { return first < other.end && other.first < end; }
  constexpr PageRange intersection(PageRange other) const {
    const PageRange common{std::max(first, other.first), std::min(end, other.end)};
    return common.is_empty() ? PageRange{first, first} : common;
  }
  friend constexpr bool operator==(PageRange, PageRange) = default;
};

constexpr VirtPage operator+(VirtPage page, std::uint64_t pages) { return VirtPage(page.value() + pages); }

}  // namespace pw::mm
