// SPDX-License-Identifier: MIT
// Naive twins of OPT: the whole stream is looked through for the next use of each page.
#pragma once

#include <limits>
#include <map>

#include "support/twins/twin.h"

namespace pw::test {

// `dirty_cost` above 1: the greedy choice by distance per cost.
class OptimumTwin final : public Twin {
 public:
  OptimumTwin(Pages stream, std::size_t capacity, double dirty_cost = 1)
      : stream_(std::move(stream)), capacity_(capacity), dirty_cost_(dirty_cost) {}
  bool refer(std::uint64_t page, bool store) override {
    const bool hit = dirty_.contains(page);
    if (!hit && dirty_.size() == capacity_) evict();
    dirty_[page] = dirty_[page] || store;
    ++now_;
    return !hit;
  }

 private:
  // In runs, so that it is the same whether or not references in a row count as one.
  double distance(std::uint64_t page) const {
    double runs = 0;
    for (std::size_t i = now_; i < stream_.size(); ++i) {
      if (stream_[i] == page) return runs;
      if (i + 1 < stream_.size() && stream_[i + 1] != stream_[i]) ++runs;
    }
    return std::numeric_limits<double>::infinity();
  }
  void evict() {
    std::uint64_t victim = 0;
    double best = -1, furthest = -1;
    for (const auto& [page, dirty] : dirty_) {
      const double far = distance(page), value = dirty ? far / dirty_cost_ : far;
      const bool clean_unused = value == best && far > 1e300 && !dirty;
      if (value > best || (value == best && (far > furthest || clean_unused)))
        victim = page, best = value, furthest = far;
    }
    dirty_.erase(victim);
  }
  Pages stream_;
  std::size_t capacity_;
  double dirty_cost_;
  std::size_t now_ = 0;
  std::map<std::uint64_t, bool> dirty_;  // resident pages
};

}  // namespace pw::test
