// SPDX-License-Identifier: MIT
// Nodes by number, given out from 1 and used again, and queues through such numbers: for policies that
// keep pages with and without frames in one order.
#pragma once

#include <cstdint>
#include <vector>

#include "base/check.h"

namespace pw::policy {

template <class T>
class NodePool {
 public:
  T& operator[](std::uint32_t node) { return nodes_[node - 1]; }
  const T& operator[](std::uint32_t node) const { return nodes_[node - 1]; }

  std::uint32_t take() {
    if (free_.empty()) {
      nodes_.emplace_back();
      return static_cast<std::uint32_t>(nodes_.size());
    }
    const std::uint32_t node = free_.back();
    free_.pop_back();
    return node;
  }
  void give_back(std::uint32_t node) { free_.push_back(node); }

 private:
  std::vector<T> nodes_;
  std::vector<std::uint32_t> free_;
};

// What a PageIndex asks for: the page of a node.
template <class T>
struct PageOfNode {
  const NodePool<T>& nodes;
  std::uint64_t operator()(std::uint32_t node) const { return nodes[node].page; }
};

// 8 bytes for each node number that was ever in it. A node is in it at most once.
class NodeList {
 public:
  static constexpr std::uint32_t kNone = 0;

  bool is_empty() const { return oldest_ == kNone; }
  std::uint64_t size() const { return size_; }
  std::uint32_t oldest() const { return oldest_; }
  std::uint32_t younger(std::uint32_t node) const { return links_[node].younger; }
  std::uint32_t older(std::uint32_t node) const { return links_[node].older; }

  void push_youngest(std::uint32_t node) { insert_younger_than(youngest_, node); }
  // kNone: becomes the oldest.
  void insert_younger_than(std::uint32_t place, std::uint32_t node) {
    if (node >= links_.size()) links_.resize(node + node / 2 + 1);
    const std::uint32_t next = place == kNone ? oldest_ : links_[place].younger;
    links_[node] = {place, next};
    (place == kNone ? oldest_ : links_[place].younger) = node;
    (next == kNone ? youngest_ : links_[next].older) = node;
    ++size_;
  }
  void remove(std::uint32_t node) {
    const Link link = links_[node];
    (link.older == kNone ? oldest_ : links_[link.older].younger) = link.younger;
    (link.younger == kNone ? youngest_ : links_[link.younger].older) = link.older;
    --size_;
  }

 private:
  struct Link {
    std::uint32_t older = kNone;
    std::uint32_t younger = kNone;
  };
  std::vector<Link> links_;
  std::uint32_t oldest_ = kNone;
  std::uint32_t youngest_ = kNone;
  std::uint64_t size_ = 0;
};

}  // namespace pw::policy
