// SPDX-License-Identifier: MIT
// A stream of page references in memory, in the form that simulations and curves go over: pages are
// numbered, and consecutive references to one page are one run. Nothing that can be counted is lost.
#pragma once

#include <cstdint>
#include <span>

#include "analysis/page_numbering.h"
#include "analysis/page_run.h"
#include "base/lazy_array.h"

namespace pw::analysis {

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
  std::uint32_t pages() const { return numbering_.pages(); }
  // Numbers of pages in runs are below.
  std::uint64_t numbers() const { return numbering_.numbers(); }
  std::uint64_t page_number(std::uint32_t page) const { return numbering_.page(page); }
  const PageNumbering& numbering() const { return numbering_; }

 private:
  PageNumbering numbering_;
  RunArray runs_;
  std::uint64_t references_ = 0;
};

}  // namespace pw::analysis
