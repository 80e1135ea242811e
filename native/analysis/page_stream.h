// SPDX-License-Identifier: MIT
// A stream of page references in memory, in the form that simulations and curves go over: pages have dense
// numbers, and consecutive references to one page are one run. Nothing that can be counted is lost.
#pragma once

#include <cstdint>
#include <span>

#include "analysis/page_numbering.h"
#include "base/lazy_array.h"

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

// Runs in a row. Room is asked for generously: the host gives memory to what is written.
class RunArray {
 public:
  std::size_t size() const { return size_; }
  const PageRun* data() const { return runs_.data(); }
  PageRun* data() { return runs_.data(); }
  // REQUIRES: what lies below was written, within the room reserved.
  void set_size(std::size_t size) { size_ = size; }
  void reserve_more(std::size_t runs);

 private:
  LazyArray<PageRun> runs_;
  std::size_t size_ = 0;
};

class PageStream {
 public:
  // Appends references; may be called as often as needed. REQUIRES: fewer than 2^32 - 1 distinct pages.
  void add(std::span<const PageReference> references);

  std::span<const PageRun> runs() const { return {runs_.data(), runs_.size()}; }
  std::uint64_t references() const { return references_; }
  std::uint32_t pages() const { return numbering_.size(); }
  std::uint64_t page_number(std::uint32_t page) const { return numbering_.page(page); }

 private:
  void add_block(std::span<const PageReference> references);

  PageNumbering numbering_;
  RunArray runs_;
  std::uint64_t references_ = 0;
};

}  // namespace pw::analysis
