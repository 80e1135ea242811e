// SPDX-License-Identifier: MIT
// References to pages as they come in, and as simulations and curves go over them.
#pragma once

#include <cstdint>

namespace pw::analysis {

// One reference as it comes in: a page number, and in the top bit whether it is stored to.
using PageReference = std::uint64_t;
inline constexpr PageReference kStoreBit = std::uint64_t{1} << 63;

// A run of references to one page.
struct PageRun {
  std::uint32_t page = 0;              // its number: PageNumbering
  std::uint32_t count_and_stores = 0;  // the number of references, twice, and 1 if there is a store

  std::uint32_t count() const { return count_and_stores >> 1; }
  std::uint32_t stores() const { return count_and_stores & 1; }
};

}  // namespace pw::analysis
