// SPDX-License-Identifier: MIT
// Ghosts: pages that left, remembered in the order in which they left, each with what a policy wants to
// keep of it. A record is 16 bytes and the note; the index that finds it by page takes 16 to 32 bytes more.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/hash_index.h"

namespace pw::policy {

struct NoNote {};

template <class Note = NoNote>
class GhostList {
 public:
  // When more would be remembered the oldest is forgotten. 0: nothing is remembered.
  explicit GhostList(std::uint64_t limit) : limit_(limit) {}

  std::uint64_t size() const { return index_.size(); }
  std::uint64_t limit() const { return limit_; }
  bool contains(VirtPage page) const { return index_.find(page.value(), key_of()) != HashIndex::kNone; }
  // nullptr: not there.
  Note* find(VirtPage page) {
    const std::uint32_t node = index_.find(page.value(), key_of());
    return node == HashIndex::kNone ? nullptr : &at(node).note;
  }

  // REQUIRES: the page is not there.
  void push(VirtPage page, Note note = {}) {
    if (limit_ == 0) return;
    if (size() == limit_) pop_oldest();
    const std::uint32_t node = take_node();
    at(node) = {page.value(), youngest_, 0, note};
    (youngest_ == 0 ? oldest_ : at(youngest_).younger) = node;
    youngest_ = node;
    index_.insert(page.value(), node);
  }

  // Whether the page was there.
  bool remove(VirtPage page) {
    const std::uint32_t found = index_.remove(page.value(), key_of());
    if (found == HashIndex::kNone) return false;
    Node& node = at(found);
    (node.older == 0 ? oldest_ : at(node.older).younger) = node.younger;
    (node.younger == 0 ? youngest_ : at(node.younger).older) = node.older;
    node.younger = free_;
    free_ = found;
    return true;
  }

  // REQUIRES: size() > 0
  VirtPage oldest() const { return VirtPage(nodes_[oldest_ - 1].page); }
  void pop_oldest() { remove(oldest()); }

 private:
  // Node numbers start at 1; 0 is none.
  struct Node {
    std::uint64_t page = 0;
    std::uint32_t older = 0;
    std::uint32_t younger = 0;  // of a free node: the next free one
    [[no_unique_address]] Note note{};
  };
  auto key_of() const {
    return [this](std::uint32_t node) { return nodes_[node - 1].page; };
  }
  Node& at(std::uint32_t node) { return nodes_[node - 1]; }
  std::uint32_t take_node() {
    if (free_ == 0) {
      nodes_.emplace_back();
      return static_cast<std::uint32_t>(nodes_.size());
    }
    const std::uint32_t node = free_;
    free_ = at(node).younger;
    return node;
  }

  std::uint64_t limit_;
  HashIndex index_;
  std::vector<Node> nodes_;
  std::uint32_t oldest_ = 0;
  std::uint32_t youngest_ = 0;
  std::uint32_t free_ = 0;
};

}  // namespace pw::policy
