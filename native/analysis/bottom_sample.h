// SPDX-License-Identifier: MIT
// The pages of a stream with the least hashes, at most so many: SHARDS' sample of a fixed size. When one too many
// has come, the threshold sinks to the greatest hash among them and those that have it leave.
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "analysis/page_filter.h"
#include "base/hash_index.h"

namespace pw::analysis {

class BottomSample {
 public:
  // REQUIRES: 0 < most < 2^31.
  explicit BottomSample(std::uint32_t most) : most_(most) {}

  HashThreshold threshold() const { return threshold_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(by_hash_.size()); }

  // The page's slot below most + 1, a new one if it has none. REQUIRES: hash < threshold().
  std::uint32_t slot_of(std::uint64_t page, std::uint32_t hash) {
    const auto page_of = [this](std::uint32_t number) { return pages_[number - 1]; };
    if (const std::uint32_t number = index_.find(page, page_of); number != HashIndex::kNone)
      return number - 1;
    const std::uint32_t slot = take_slot(page);
    index_.insert(page, slot + 1);
    by_hash_.push({hash, slot});
    return slot;
  }
  // After a new page: lets pages go until there are no more than allowed, each with a call of leave(slot).
  template <class Leave>
  void shrink(Leave leave) {
    if (by_hash_.size() <= most_) return;
    threshold_ = by_hash_.top().first;
    while (!by_hash_.empty() && by_hash_.top().first >= threshold_) {
      const std::uint32_t slot = by_hash_.top().second;
      by_hash_.pop();
      index_.remove(pages_[slot], [this](std::uint32_t number) { return pages_[number - 1]; });
      free_.push_back(slot);
      leave(slot);
    }
  }

 private:
  std::uint32_t take_slot(std::uint64_t page) {
    if (free_.empty()) {
      pages_.push_back(page);
      return static_cast<std::uint32_t>(pages_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    pages_[slot] = page;
    return slot;
  }

  std::uint32_t most_;
  HashThreshold threshold_ = kEveryPage;
  HashIndex index_;                   // by page: its slot plus one
  std::vector<std::uint64_t> pages_;  // by slot
  std::vector<std::uint32_t> free_;
  std::priority_queue<std::pair<std::uint32_t, std::uint32_t>> by_hash_;  // (hash, slot), the greatest first
};

}  // namespace pw::analysis
