// SPDX-License-Identifier: MIT
// A stream of page references in memory, in the form that simulations and curves go over: pages have dense
// numbers, and consecutive references to one page are one run. Nothing that can be counted is lost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/page_numbering.h"

namespace pw::analysis {

// One reference as it comes in: a page number, and in the top bit whether it is stored to.
using PageReference = std::uint64_t;
inline constexpr PageReference kStoreBit = std::uint64_t{1} << 63;

// A run of references to one page.
struct PageRun {
  std::uint32_t page = 0;              // its dense number
  std::uint32_t count_and_stores = 0;  // the number of references, twice, and 1 if there is a store

  std::uint32_t count() const { return count_and_stores >> 1; }
  std::uint32_t stores() const { return count_and_stores & 1; }
};

class PageStream {
 public:
  // Appends references; may be called as often as needed. REQUIRES: fewer than 2^32 - 1 distinct pages.
  void add(std::span<const PageReference> references);

  std::span<const PageRun> runs() const { return runs_; }
  std::uint64_t references() const { return references_; }
  std::uint32_t pages() const { return numbering_.size(); }
  std::uint64_t page_number(std::uint32_t page) const { return numbering_.page(page); }

 private:
  void add_block(std::span<const PageReference> references);
  bool extend_last(PageRun run);

  PageNumbering numbering_;
  std::vector<PageRun> runs_;
  std::uint64_t references_ = 0;
};

}  // namespace pw::analysis
