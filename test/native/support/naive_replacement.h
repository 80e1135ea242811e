// SPDX-License-Identifier: MIT
// The naive twins of FIFO, LRU and CLOCK over page numbers: one list, oldest first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>

#include "base/check.h"

namespace pw::test {

class NaiveReplacement {
 public:
  // Whether the page's Accessed bit was set; clears it. Empty: exact observation.
  using TestAndClear = std::function<bool(std::uint64_t)>;

  // `spec`: "fifo", "lru", "clock" or "clock:bits=N".
  NaiveReplacement(const std::string& spec, TestAndClear test_and_clear)
      : name_(spec.substr(0, spec.find(':'))), test_and_clear_(std::move(test_and_clear)) {
    PW_CHECK(name_ == "fifo" || name_ == "lru" || name_ == "clock");
    if (const auto equals = spec.find('='); equals != std::string::npos)
      highest_ = (1u << std::stoul(spec.substr(equals + 1))) - 1;
  }

  std::size_t size() const { return pages_.size(); }
  void insert(std::uint64_t page) {
    pages_.push_back(page);
    counters_[page] = 0;
  }
  // A reference that is not the one that loaded the page; only exact observation sees it.
  void use(std::uint64_t page) {
    if (test_and_clear_) return;
    if (name_ == "lru") make_youngest(page);
    if (name_ == "clock") count(page);
  }
  // Names the victim and removes it. REQUIRES: size() > 0
  std::uint64_t evict() {
    while (passes_over(pages_.front())) make_youngest(pages_.front());
    const std::uint64_t victim = pages_.front();
    pages_.pop_front();
    return victim;
  }

 private:
  bool passes_over(std::uint64_t page) {
    if (name_ == "fifo") return false;
    const bool accessed = test_and_clear_ && test_and_clear_(page);
    if (name_ == "lru") return accessed;
    if (accessed) count(page);
    if (counters_[page] == 0) return false;
    --counters_[page];
    return true;
  }
  void count(std::uint64_t page) { counters_[page] = std::min(counters_[page] + 1, highest_); }
  void make_youngest(std::uint64_t page) {
    pages_.remove(page);
    pages_.push_back(page);
  }

  std::string name_;
  TestAndClear test_and_clear_;
  unsigned highest_ = 1;
  std::list<std::uint64_t> pages_;
  std::map<std::uint64_t, unsigned> counters_;
};

}  // namespace pw::test
