// SPDX-License-Identifier: MIT
// The VMAs of an address space in order of addresses: a B+ tree whose nodes know the widest gap below each
// child, so that both "which VMA holds this page" and "where is room for n pages" are O(log n).
//
// - Leaves refer to VMAs by their ends; a gap belongs to the VMA above it.
// - Nodes are freed when they are empty and never merged before (Johnson and Shasha 1993: freeing at empty is
//   better than merging at half).
// - The tree does not own VMAs; it links them to their neighbors.
// - What was found or changed last is found again without a search.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/slab.h"
#include "mm/vma.h"

namespace pw::mm {

class VmaTree {
 public:
  VmaTree();
  VmaTree(const VmaTree&) = delete;
  VmaTree& operator=(const VmaTree&) = delete;
  ~VmaTree();

  std::size_t size() const { return size_; }
  // By address; nullptr where there is none.
  Vma* first() const { return first_; }
  Vma* last() const { return last_; }

  // The first VMA that ends above the page; nullptr where there is none. It need not hold the page.
  Vma* find(VirtPage page) const {
    const std::uint64_t number = page.value();
    return last_found_.from <= number && number < last_found_.end ? last_found_.vma : search(number);
  }
  // The VMA that holds the page, or nullptr.
  Vma* holding(VirtPage page) const {
    Vma* vma = find(page);
    return vma != nullptr && vma->range.first <= page ? vma : nullptr;
  }

  // REQUIRES: not empty, overlaps none.
  void insert(Vma& vma);
  void erase(Vma& vma);
  // New bounds. REQUIRES: not empty, overlaps no other.
  void resize(Vma& vma, PageRange range);

  // The first page of the highest (lowest) free run of this length within a range: at the upper (lower) end of
  // its gap. REQUIRES: pages > 0
  std::optional<VirtPage> highest_gap(PageRange within, std::uint64_t pages) const;
  std::optional<VirtPage> lowest_gap(PageRange within, std::uint64_t pages) const;

  // Checks order, links, ends and gaps; each violation one sentence. Empty: healthy.
  std::vector<std::string> validate() const;

 private:
  static constexpr unsigned kFanout = 32;
  static constexpr unsigned kMaxDepth = 16;

  struct Node;
  // The way to an entry: nodes from the root down, and the index in each.
  struct Path {
    std::array<Node*, kMaxDepth> nodes;
    std::array<unsigned, kMaxDepth> at;
    unsigned depth = 0;  // of the leaf
  };
  // What a search for room looks for.
  struct Wanted {
    std::uint64_t low;
    std::uint64_t high;
    std::uint64_t pages;
  };

  // A VMA that a search found, and pages for which it would be found again as long as nothing changes.
  struct Found {
    std::uint64_t from = 0;
    std::uint64_t end = 0;
    Vma* vma = nullptr;
  };

  Vma* search(std::uint64_t page) const;
  static void link(Vma* below, Vma* above);
  Path locate(std::uint64_t page) const;
  bool insert_at(Path& path, Vma& vma);
  Node* split(Node& node, unsigned index);
  void refresh(const Path& path, const Vma& vma);
  void refresh_gap_of(Vma* vma);
  static void update(const Path& path, unsigned depth, std::uint64_t most);
  void remember(Vma* vma);
  bool remove_at(const Path& path, const Vma* next);
  static std::uint64_t gap_below(const Vma& vma);
  static std::optional<std::uint64_t> search_down(const Node& node, unsigned count, std::uint64_t floor,
                                                  const Wanted& wanted);
  static std::optional<std::uint64_t> search_up(const Node& node, std::uint64_t floor, const Wanted& wanted);
  void destroy(Node* node);
  void validate_node(const Node& node, std::vector<std::string>& violations) const;

  std::unique_ptr<Slab<Node>> slab_;
  Node* root_;
  unsigned height_ = 0;  // of the root above the leaves
  Vma* first_ = nullptr;
  Vma* last_ = nullptr;
  std::size_t size_ = 0;
  mutable Found last_found_;
};

}  // namespace pw::mm
