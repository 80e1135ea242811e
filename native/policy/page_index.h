// SPDX-License-Identifier: MIT
// Finds records by the page that they hold: by its hash, or, where pages have dense numbers, in an array of
// 4 bytes a page.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "base/hash_index.h"

namespace pw::policy {

class PageIndex {
 public:
  static constexpr std::uint32_t kNone = HashIndex::kNone;

  // `pages_are_dense`: a page's number is below that of the pages that ever came.
  explicit PageIndex(bool pages_are_dense) : is_dense_(pages_are_dense) {}

  bool pages_are_dense() const { return is_dense_; }
  std::size_t size() const { return is_dense_ ? size_ : hashed_.size(); }
  // A hint. Always inline: compilers drop calls of what only prefetches.
  PW_ALWAYS_INLINE void prefetch(VirtPage page) const {
    if (!is_dense_)
      hashed_.prefetch(page.value());
    else if (page.value() < numbers_.size())
      PW_PREFETCH(&numbers_[page.value()]);
  }

  // The number under which the page was inserted, or kNone. `page_of` gives the page of a record's number.
  template <class PageOf>
  std::uint32_t find(VirtPage page, PageOf page_of) const {
    if (!is_dense_) return hashed_.find(page.value(), page_of);
    return page.value() < numbers_.size() ? numbers_[page.value()] : kNone;
  }
  // REQUIRES: the page is not there, number != kNone.
  void insert(VirtPage page, std::uint32_t number) {
    if (!is_dense_) return hashed_.insert(page.value(), number);
    if (page.value() >= numbers_.size())
      numbers_.resize(std::max<std::size_t>(page.value() + 1, 2 * numbers_.size()));
    numbers_[page.value()] = number;
    ++size_;
  }
  // The number that was found, or kNone.
  template <class PageOf>
  std::uint32_t remove(VirtPage page, PageOf page_of) {
    if (!is_dense_) return hashed_.remove(page.value(), page_of);
    const std::uint32_t number = find(page, page_of);
    if (number == kNone) return kNone;
    numbers_[page.value()] = kNone;
    --size_;
    return number;
  }

 private:
  bool is_dense_;
  HashIndex hashed_;
  std::vector<std::uint32_t> numbers_;  // by page
  std::size_t size_ = 0;                // of what is in numbers_
};

}  // namespace pw::policy
