// SPDX-License-Identifier: MIT
// OPT's stack distances (Belady's MIN) in one pass, by the past alone: the critical stack algorithm of Bilardi, Ekanadham
// and Pattnaik, "Optimal On-Line Computation of Stack Distances for MIN and OPT" (Computing Frontiers 2017).
//
// Whether OPT with C frames hits depends on whether there was room for the page at each instant since its last use.
// The row of time has the last uses of all pages, and for each C a mark: when C was last found to be just enough, or,
// if it never was, when the C-th page came; it stands before the use at that time. From a page's last use, the row
// is followed to the first use that has as many marks as uses behind it; the least C marked up to there is the
// least number of frames with which OPT hits. Its mark then moves to the present.
//
// O(log pages) a use. 40 bytes a page, and as much again while times are made dense.
#pragma once

#include <cstdint>

#include "analysis/balance_tree.h"
#include "analysis/min_tree.h"

namespace pw::analysis {

class OptDistances {
 public:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  // Of so many pages, whose numbers are below `numbers`. REQUIRES: pages < 2^30.
  OptDistances(std::uint32_t pages, std::uint64_t numbers);

  // Notes a use and returns one less than the least number of frames with which OPT hits; kNever for a first use.
  std::uint64_t use(std::uint32_t page);
  // Before the page is used: brings its last time, and, somewhat later, what lies at that time.
  PW_ALWAYS_INLINE void prefetch_page(std::uint32_t page) const { PW_PREFETCH(&last_[page]); }
  PW_ALWAYS_INLINE void prefetch_place(std::uint32_t page) const {
    if (last_[page] == kUnused) return;
    row_.prefetch(last_[page]);
    marked_.prefetch(last_[page]);
  }

 private:
  static constexpr std::uint32_t kUnused = ~std::uint32_t{0};

  void move_mark(std::uint32_t distance);
  PW_NOINLINE void make_dense();

  std::uint32_t slots_;
  std::uint32_t now_ = 0;
  std::uint32_t used_ = 0;  // pages
  LargeVector<std::uint32_t> last_;
  LargeVector<std::uint32_t> mark_of_;  // by distance: the time of its mark
  BalanceTree row_;
  MinTree marked_;  // by time: the distance that has its mark there
};

}  // namespace pw::analysis
