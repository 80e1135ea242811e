// SPDX-License-Identifier: MIT
// The naive twins of a TLB and of a paging-structure cache: every use has a time, every choice is a
// search. Written from what docs/reference/counting.md says, not from the engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <vector>

#include "tlb/config.h"

namespace pw::test {

// One TLB, for pages of one size. Where no array serves the size it never holds anything.
class NaiveTlb {
 public:
  struct Way {
    bool valid = false;
    std::uint64_t page = 0;
    bool dirty = false;      // D is known to be set
    std::uint64_t used = 0;  // time of the last hit or fill of this way, whatever it held
    std::uint64_t filled = 0;
    unsigned interval = 0;  // SRRIP: predicted re-reference interval, 3 is distant
  };
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;

  NaiveTlb(const tlb::TlbConfig& config, PageSize size, tlb::WayChoice choice) : choice_(choice) {
    for (const tlb::ArrayConfig& array : config.arrays)
      if (array.serves[static_cast<std::size_t>(size)])
        sets_.assign(array.entries / array.ways, std::vector<Way>(array.ways));
  }

  Way* find(std::uint64_t page) {
    if (sets_.empty()) return nullptr;
    for (Way& way : set_of(page))
      if (way.valid && way.page == page) return &way;
    return nullptr;
  }
  void use(Way& way) {
    way.used = ++now_;
    way.interval = 0;
  }
  // REQUIRES: the page is absent.
  void fill(std::uint64_t page, bool dirty) {
    if (sets_.empty()) return;
    ++now_;
    way_to_fill(set_of(page)) = {true, page, dirty, now_, now_, 2};
  }
  void drop(std::uint64_t page) {
    if (Way* way = find(page)) way->valid = false;
  }

 private:
  using Set = std::vector<Way>;

  Set& set_of(std::uint64_t page) { return sets_[page % sets_.size()]; }

  Way& way_to_fill(Set& set) {
    for (Way& way : set)
      if (!way.valid) return way;
    switch (choice_) {
      case tlb::WayChoice::Fifo: return *std::ranges::min_element(set, {}, &Way::filled);
      case tlb::WayChoice::TreePlru: return set[coldest(set, 0, leaves(set))];
      case tlb::WayChoice::Srrip: return distant(set);
      default: return *std::ranges::min_element(set, {}, &Way::used);
    }
  }

  static std::size_t leaves(const Set& set) {
    std::size_t leaves = 1;
    while (leaves < set.size()) leaves *= 2;
    return leaves;
  }
  // At each node of the tree: the half whose last use lies further back; the left one if both are equal
  // or if the right one has no ways.
  static std::size_t coldest(const Set& set, std::size_t first, std::size_t size) {
    if (size == 1) return first;
    const std::size_t half = size / 2, middle = first + half;
    const bool right = middle < set.size() && last_use(set, middle, half) < last_use(set, first, half);
    return coldest(set, right ? middle : first, half);
  }
  static std::uint64_t last_use(const Set& set, std::size_t first, std::size_t size) {
    std::uint64_t last = 0;
    for (std::size_t i = first; i < std::min(first + size, set.size()); ++i)
      last = std::max(last, set[i].used);
    return last;
  }
  static Way& distant(Set& set) {
    for (;;) {
      for (Way& way : set)
        if (way.interval == 3) return way;
      for (Way& way : set) ++way.interval;
    }
  }

  tlb::WayChoice choice_;
  std::vector<Set> sets_;
  std::uint64_t now_ = 0;
};

// A fully associative cache of upper entries with true LRU; a capacity of 0 means absent.
class NaiveStructureCache {
 public:
  explicit NaiveStructureCache(std::uint32_t capacity) : capacity_(capacity) {}

  bool lookup(std::uint64_t tag) {
    const auto found = std::ranges::find(tags_, tag);
    if (found == tags_.end()) return false;
    tags_.splice(tags_.begin(), tags_, found);
    return true;
  }
  void insert(std::uint64_t tag) {
    tags_.push_front(tag);
    if (tags_.size() > capacity_) tags_.pop_back();
  }
  void clear() { tags_.clear(); }

 private:
  std::size_t capacity_;
  std::list<std::uint64_t> tags_;  // the most recent first
};

}  // namespace pw::test
