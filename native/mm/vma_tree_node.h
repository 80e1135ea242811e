// SPDX-License-Identifier: MIT
// The nodes of a VmaTree, and how entries come into them and leave.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"
#include "mm/vma_digest.h"
#include "mm/vma_tree.h"

namespace pw::mm {

// What an inner node says of a child: where its last VMA ends, and the most free pages below one of them.
struct VmaTree::Summary {
  std::uint64_t end = 0;
  std::uint64_t gap = 0;
};

// Columns of a node: entries [from, count) move to `to`.
template <class... Column>
void shift_columns(unsigned count, unsigned from, unsigned to, Column&... column) {
  const unsigned moved = count - from;
  const auto shift = [&](auto& of) {
    if (from < to)
      std::copy_backward(of.begin() + from, of.begin() + count, of.begin() + to + moved);
    else
      std::copy(of.begin() + from, of.begin() + count, of.begin() + to);
  };
  (shift(column), ...);
}

// By address. Faults read the first two lines of memory and no more.
struct alignas(128) VmaTree::Leaf {
  static constexpr unsigned kFanout = 12;

  Leaf() { end.fill(~0ull); }

  // The first entry that ends above the page; kFanout or more than there are where there is none.
  unsigned place_of(std::uint64_t page) const {
    unsigned place = 0;
#pragma GCC unroll 12
    for (unsigned i = 0; i < kFanout; ++i) place += end[i] <= page;
    return place;
  }
  unsigned index_of(std::uint64_t page) const { return std::min(place_of(page), count); }
  void prefetch() const {
    PW_PREFETCH(&end[0]);
    PW_PREFETCH(&end[8]);
  }

  void set(unsigned index, Vma& vma, std::uint64_t gap_below) {
    end[index] = vma.range.end.value();
    digest[index] = VmaDigest(vma, gap_below);
    gap[index] = gap_below;
    entry[index] = &vma;
  }
  void set_gap(unsigned index, std::uint64_t pages) {
    gap[index] = pages;
    digest[index].set_gap(pages);
  }
  void open(unsigned index) { shift_columns(count++, index, index + 1, end, digest, gap, entry); }
  void close(unsigned index) {
    shift_columns(count--, index + 1, index, end, digest, gap, entry);
    end[count] = ~0ull;
  }
  // The entries from `kept` on go to an empty leaf.
  void give(unsigned kept, Leaf& upper) {
    std::copy(end.begin() + kept, end.end(), upper.end.begin());
    std::copy(digest.begin() + kept, digest.end(), upper.digest.begin());
    std::copy(gap.begin() + kept, gap.end(), upper.gap.begin());
    std::copy(entry.begin() + kept, entry.end(), upper.entry.begin());
    upper.count = count - kept;
    count = kept;
    std::fill(end.begin() + kept, end.end(), ~0ull);
  }
  Summary summary() const {
    if (count == 0) return {};
    return {end[count - 1], *std::max_element(gap.begin(), gap.begin() + count)};
  }
  bool has_gap(std::uint64_t pages) const {
    return std::find(gap.begin(), gap.begin() + count, pages) != gap.begin() + count;
  }

  std::array<std::uint64_t, kFanout> end;  // all ones behind the last
  std::array<VmaDigest, kFanout> digest;
  std::uint32_t count = 0;
  std::array<std::uint64_t, kFanout> gap{};  // free pages below
  std::array<Vma*, kFanout> entry{};
};

// Keys and children fill cache lines of their own.
struct alignas(64) VmaTree::Inner {
  static constexpr unsigned kFanout = 32;
  static constexpr unsigned kLine = 64 / sizeof(std::uint64_t);  // keys in a cache line

  explicit Inner(bool is_above_leaves) : above_leaves(is_above_leaves) { end.fill(~0ull); }

  // As a leaf's. First the line of keys, by the last one of each, then the place in it: the loads of either step wait for
  // nothing.
  unsigned place_of(std::uint64_t page) const {
    unsigned line = 0;
#pragma GCC unroll 8
    for (unsigned last = kLine - 1; last + kLine < kFanout; last += kLine)
      line += end[last] <= page ? kLine : 0;
    unsigned place = line;
#pragma GCC unroll 8
    for (unsigned i = 0; i < kLine; ++i) place += end[line + i] <= page;
    return place;
  }
  // The last child where none ends above the page.
  unsigned index_of(std::uint64_t page) const { return std::min(place_of(page), count - 1); }
  void prefetch() const {
    PW_PREFETCH(&end[kFanout - kLine]);
    for (unsigned i = 0; i < kFanout; i += kLine) PW_PREFETCH(&child[i]);
  }

  void open(unsigned index) { shift_columns(count++, index, index + 1, end, gap, child); }
  void close(unsigned index) {
    shift_columns(count--, index + 1, index, end, gap, child);
    end[count] = ~0ull;
  }
  void give(unsigned kept, Inner& upper) {
    std::copy(end.begin() + kept, end.end(), upper.end.begin());
    std::copy(gap.begin() + kept, gap.end(), upper.gap.begin());
    std::copy(child.begin() + kept, child.end(), upper.child.begin());
    upper.count = count - kept;
    count = kept;
    std::fill(end.begin() + kept, end.end(), ~0ull);
  }
  void set(unsigned index, void* node) {
    child[index] = node;
    summarize(index);
  }
  // What the child says.
  void summarize(unsigned index) { tell(index, summary_of(index)); }
  // What it says now, where `most` is the widest of the gaps that changed. Whether that is something else than before.
  bool update(unsigned index, std::uint64_t most) {
    return above_leaves ? update(index, *leaf(index), most) : update(index, *inner(index), most);
  }
  Summary summary_of(unsigned index) const {
    return above_leaves ? leaf(index)->summary() : inner(index)->summary();
  }
  Summary summary() const {
    if (count == 0) return {};
    return {end[count - 1], *std::max_element(gap.begin(), gap.begin() + count)};
  }
  bool has_gap(std::uint64_t pages) const {
    return std::find(gap.begin(), gap.begin() + count, pages) != gap.begin() + count;
  }
  std::uint64_t last_end() const { return end[count - 1]; }
  Leaf* leaf(unsigned index) const { return static_cast<Leaf*>(child[index]); }
  Inner* inner(unsigned index) const { return static_cast<Inner*>(child[index]); }

  std::array<std::uint64_t, kFanout> end;  // all ones behind the last
  std::array<void*, kFanout> child{};
  std::array<std::uint64_t, kFanout> gap{};  // the most free pages below a VMA of the child's
  std::uint32_t count = 0;
  bool above_leaves;

 private:
  void tell(unsigned index, Summary now) {
    end[index] = now.end;
    gap[index] = now.gap;
  }
  template <class Child>
  bool update(unsigned index, const Child& below, std::uint64_t most) {
    Summary now{below.end[below.count - 1], std::max(gap[index], most)};
    if (most < now.gap && !below.has_gap(now.gap)) now.gap = below.summary().gap;
    const bool changes = end[index] != now.end || gap[index] != now.gap;
    tell(index, now);
    return changes;
  }
};

}  // namespace pw::mm
