// SPDX-License-Identifier: MIT
// The nodes of the tree of VMAs: keys, entries and free space below each.
#pragma once

#include <algorithm>
#include <array>

#include "base/check.h"
#include "mm/vma_tree.h"

namespace pw::mm {

// Keys and entries fill cache lines of their own.
struct alignas(64) VmaTree::Node {
  static constexpr unsigned kLine = 64 / sizeof(std::uint64_t);  // keys in a cache line

  explicit Node(bool leaf) : is_leaf(leaf) { end.fill(~0ull); }

  // The first entry that ends above the page; kFanout or an entry that is nullptr where there is none. First the line
  // of keys, by the last one of each, then the place in it: the loads of either step wait for nothing.
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
  // The same; count where there is none.
  unsigned index_of(std::uint64_t page) const { return std::min(place_of(page), count); }
  // A search will read a line of entries, and perhaps the last one of keys.
  void prefetch() const {
    PW_PREFETCH(&end[kFanout - kLine]);
    for (unsigned i = 0; i < kFanout; i += kLine) PW_PREFETCH(&entry[i]);
  }
  void open(unsigned index) {
    std::move_backward(end.begin() + index, end.begin() + count, end.begin() + count + 1);
    std::move_backward(gap.begin() + index, gap.begin() + count, gap.begin() + count + 1);
    std::move_backward(entry.begin() + index, entry.begin() + count, entry.begin() + count + 1);
    ++count;
  }
  void close(unsigned index) {
    std::move(end.begin() + index + 1, end.begin() + count, end.begin() + index);
    std::move(gap.begin() + index + 1, gap.begin() + count, gap.begin() + index);
    std::move(entry.begin() + index + 1, entry.begin() + count, entry.begin() + index);
    end[--count] = ~0ull;
    entry[count] = nullptr;
  }
  void set(unsigned index, Node* child) {
    entry[index] = child;
    summarize(index);
  }
  // Of an inner node: what the child says.
  void summarize(unsigned index) {
    end[index] = child(index)->last_end();
    gap[index] = child(index)->widest_gap();
  }
  // What it says now, where `most` is the widest of the gaps that changed. Whether that is something else than before.
  bool update(unsigned index, std::uint64_t most) {
    const Node& below = *child(index);
    const std::uint64_t end_now = below.last_end();
    std::uint64_t gap_now = std::max(gap[index], most);
    if (most < gap_now && !below.has_gap(gap_now)) gap_now = below.widest_gap();
    const bool changes = end[index] != end_now || gap[index] != gap_now;
    end[index] = end_now;
    gap[index] = gap_now;
    return changes;
  }
  std::uint64_t last_end() const { return count == 0 ? 0 : end[count - 1]; }
  std::uint64_t widest_gap() const {
    return count == 0 ? 0 : *std::max_element(gap.begin(), gap.begin() + count);
  }
  bool has_gap(std::uint64_t pages) const {
    return std::find(gap.begin(), gap.begin() + count, pages) != gap.begin() + count;
  }
  Node* child(unsigned index) const { return static_cast<Node*>(entry[index]); }
  Vma* vma(unsigned index) const { return static_cast<Vma*>(entry[index]); }

  std::array<std::uint64_t, kFanout> end;    // all ones behind the last
  std::array<void*, kFanout> entry{};        // nullptr behind the last
  std::array<std::uint64_t, kFanout> gap{};  // free pages below; of an inner node: the most of a child's
  unsigned count = 0;
  bool is_leaf;
};

}  // namespace pw::mm
