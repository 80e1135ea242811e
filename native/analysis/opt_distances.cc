// SPDX-License-Identifier: MIT
#include "analysis/opt_distances.h"

#include <algorithm>
#include <utility>

namespace pw::analysis {
namespace {

// Enough that making times dense, which keeps at most two a page, is rare.
std::uint32_t slots_for(std::uint32_t pages) {
  return std::max(std::uint32_t{1} << 14, 3 * pages + pages / 2);
}

}  // namespace

OptDistances::OptDistances(std::uint32_t pages, std::uint64_t numbers)
    : slots_(slots_for(pages)), last_(numbers, kUnused), mark_of_(pages), row_(slots_), marked_(slots_) {}

std::uint64_t OptDistances::use(std::uint32_t page) {
  if (now_ == slots_) make_dense();
  const std::uint32_t last = last_[page];
  if (last == kUnused) {
    // A stream's first page needs no mark: with one frame the newest page is resident, whatever came before.
    const std::uint8_t mark = used_ == 0 ? 0 : BalanceTree::kMark;
    if (mark != 0) marked_.set(now_, used_);
    mark_of_[used_++] = now_;
    row_.set(now_, BalanceTree::kUse | mark);
    last_[page] = now_++;
    return kNever;
  }
  if (last + 1 == now_) return 0;
  const std::uint32_t distance = marked_.least_before(row_.first_balanced_behind(last) + 1);
  move_mark(distance);
  row_.set(last, row_[last] & BalanceTree::kMark);
  last_[page] = now_++;
  return distance;
}

void OptDistances::move_mark(std::uint32_t distance) {
  const std::uint32_t from = mark_of_[distance];
  marked_.set(from, MinTree::kNone);
  row_.set(from, row_[from] & BalanceTree::kUse);
  mark_of_[distance] = now_;
  marked_.set(now_, distance);
  row_.set(now_, BalanceTree::kUse | BalanceTree::kMark);
}

// Times that have neither a use nor a mark are left out; the order of the others stays.
void OptDistances::make_dense() {
  LargeVector<std::uint32_t> dense(slots_);
  BalanceTree row(slots_);
  MinTree marked(slots_);
  std::uint32_t kept = 0;
  for (std::uint32_t time = 0; time < now_; ++time) {
    if (row_[time] == 0) continue;
    dense[time] = kept;
    row.set(kept, row_[time]);
    if (marked_[time] != MinTree::kNone) marked.set(kept, marked_[time]);
    ++kept;
  }
  for (std::uint32_t& last : last_)
    if (last != kUnused) last = dense[last];
  for (std::uint32_t distance = 1; distance < used_; ++distance)
    mark_of_[distance] = dense[mark_of_[distance]];
  row_ = std::move(row);
  marked_ = std::move(marked);
  now_ = kept;
}

}  // namespace pw::analysis
