// SPDX-License-Identifier: MIT
// Ghosts: pages that left, remembered in the order in which they left, each with what a policy wants to
// keep of it. They stand in a ring, 8 bytes and the note each; one that is removed from the middle leaves
// a gap. A full ring is packed, or doubled if less than a quarter of it is gaps.
// The index that finds a ghost by its page takes 16 to 32 bytes more, or 4 for each page number up
// to the highest that came, where a simulation has numbered the pages.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "policy/page_index.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

struct NoNote {};

template <class Note = NoNote>
class GhostList {
 public:
  // When more would be remembered the oldest is forgotten. 0: nothing is remembered.
  GhostList(std::uint64_t limit, const PolicyContext& context)
      : limit_(limit), index_(context.page_names != nullptr), ring_(kFirstPlaces) {}

  std::uint64_t size() const { return index_.size(); }
  std::uint64_t limit() const { return limit_; }
  bool contains(VirtPage page) const { return index_.find(page, page_of()) != PageIndex::kNone; }
  // nullptr: not there. Holds until the next push.
  Note* find(VirtPage page) {
    const std::uint32_t number = index_.find(page, page_of());
    return number == PageIndex::kNone ? nullptr : &ring_[number - 1].note;
  }
  // Always inline, as all that only prefetches: compilers drop calls of it.
  PW_ALWAYS_INLINE void prefetch(VirtPage page) const { index_.prefetch(page); }

  // REQUIRES: the page is not there.
  void push(VirtPage page, Note note = {}) {
    if (limit_ == 0) return;
    if (size() == limit_) pop_oldest();
    if (end_ - begin_ == ring_.size()) make_room();
    append({page.value(), note});
  }
  // Whether the page was there.
  bool remove(VirtPage page) {
    const std::uint32_t number = index_.remove(page, page_of());
    if (number == PageIndex::kNone) return false;
    ring_[number - 1].page = kGap;
    while (begin_ != end_ && at(begin_).page == kGap) ++begin_;
    return true;
  }

  // REQUIRES: size() > 0
  VirtPage oldest() const { return VirtPage(ring_[begin_ & mask()].page); }
  void pop_oldest() {
    index_.prefetch(VirtPage(at(begin_ + kAhead).page));
    remove(oldest());
  }

 private:
  static constexpr std::size_t kFirstPlaces = 16;
  static constexpr std::uint64_t kGap = ~std::uint64_t{0};
  static constexpr std::uint64_t kAhead = 4;  // ghosts

  struct Ghost {
    std::uint64_t page = kGap;
    [[no_unique_address]] Note note{};
  };
  std::size_t mask() const { return ring_.size() - 1; }
  Ghost& at(std::uint64_t position) { return ring_[position & mask()]; }
  // A ghost's number is its place in the ring, plus 1.
  auto page_of() const {
    return [this](std::uint32_t number) { return ring_[number - 1].page; };
  }
  void append(Ghost ghost) {
    const std::uint64_t place = end_++ & mask();
    ring_[place] = ghost;
    index_.insert(VirtPage(ghost.page), static_cast<std::uint32_t>(place + 1));
  }
  void make_room() {
    const std::size_t places = size() * 4 > ring_.size() * 3 ? ring_.size() * 2 : ring_.size();
    const std::vector<Ghost> old = std::exchange(ring_, std::vector<Ghost>(places));
    index_ = PageIndex(index_.pages_are_dense());
    const std::uint64_t from = std::exchange(begin_, 0), to = std::exchange(end_, 0);
    for (std::uint64_t position = from; position != to; ++position)
      if (const Ghost& ghost = old[position & (old.size() - 1)]; ghost.page != kGap) append(ghost);
  }

  std::uint64_t limit_;
  PageIndex index_;
  std::vector<Ghost> ring_;  // a power of two
  std::uint64_t begin_ = 0;  // positions, of which the ring's size is the modulus: the oldest
  std::uint64_t end_ = 0;
};

}  // namespace pw::policy
