// SPDX-License-Identifier: MIT
// The VMAs of an address space in order of addresses: a B+ tree whose nodes know the widest gap below each
// child, so that both "which VMA holds this page" and "where is room for n pages" are O(log n).
//
// - Leaves refer to VMAs by their ends; a gap belongs to the VMA above it.
// - Nodes are freed when they are empty and never merged before (Johnson and Shasha 1993: freeing at empty is
//   better than merging at half).
// - The tree does not own VMAs; it links them to their neighbors.
// - What was found or changed last is found again without a search.
// - Leaves know of each VMA what a first store asks (mm/vma_digest.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/slab.h"
#include "mm/vma_digest.h"

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
  Vma* find(VirtPage page) const { return find(page.value()) ? vma_found() : nullptr; }
  // The VMA that holds the page, or nullptr.
  Vma* holding(VirtPage page) const {
    Vma* vma = find(page);
    return vma != nullptr && vma->range.first <= page ? vma : nullptr;
  }
  // Of the VMA that holds the page, without looking at it; that of no VMA where there is none.
  VmaDigest digest_holding(VirtPage page) const {
    return find(page.value()) && found_.first <= page.value() ? found_.digest : VmaDigest();
  }
  // digest_holding(page) will be asked soon.
  void approach(VirtPage page) const {
    if (!is_found(page.value())) descend(page.value());
  }

  // REQUIRES: not empty, overlaps none.
  void insert(Vma& vma);
  void erase(Vma& vma);
  // New bounds. REQUIRES: not empty, overlaps no other.
  void resize(Vma& vma, PageRange range);
  // Flags, family, handler or protection key changed.
  void refresh(Vma& vma);

  // Of the VMA of the last digest_holding(), without looking at it: whether it is known to meet no other.
  bool is_alone() const;
  // It gets its family; for now the leaf knows, settle() tells the VMA. REQUIRES: is_alone(), and it has none.
  void give_family(AnonFamily family);
  void settle() const {
    if (!unsettled_.empty()) [[unlikely]]
      settle_families();
  }

  // The first page of the highest (lowest) free run of this length within a range: at the upper (lower) end of
  // its gap. REQUIRES: pages > 0
  std::optional<VirtPage> highest_gap(PageRange within, std::uint64_t pages) const;
  std::optional<VirtPage> lowest_gap(PageRange within, std::uint64_t pages) const;

  // Checks order, links, ends and gaps; each violation one sentence. Empty: healthy.
  std::vector<std::string> validate() const;

 private:
  static constexpr unsigned kMaxDepth = 16;
  static constexpr std::uint64_t kNowhere = ~0ull;  // no page; in one word, as phys/maybe_frame.h

  struct Leaf;
  struct Inner;
  struct Summary;
  // The way to an entry: the inner nodes from the root down, and the index in each.
  struct Path {
    std::array<Inner*, kMaxDepth> nodes;
    std::array<unsigned, kMaxDepth> at;
    Leaf* leaf;
    unsigned index;
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
    std::uint64_t first = 0;  // the VMA's
    Vma* vma = nullptr;       // nullptr: the leaf knows
    Leaf* leaf = nullptr;     // nullptr: not known
    unsigned index = 0;
    VmaDigest digest;
  };
  // The way down to the leaf for a page.
  struct Descent {
    std::uint64_t page = ~0ull;
    std::uint64_t floor = 0;     // where the last VMA of the leaves before ends
    Leaf* leaf = nullptr;        // nullptr: no VMA ends above the page
    const Leaf* next = nullptr;  // the leaf above; nullptr: not known
  };
  // A family that the leaf knows of and the VMA does not.
  struct Unsettled {
    Vma* const* vma;
    AnonFamily family;
  };

  bool is_found(std::uint64_t page) const { return found_.from <= page && page < found_.end; }
  bool find(std::uint64_t page) const { return is_found(page) || search(page); }
  Vma* vma_found() const;
  PW_NOINLINE void settle_families() const;
  bool search(std::uint64_t page) const;
  void descend(std::uint64_t page) const;
  static void link(Vma* below, Vma* above);
  Path locate(std::uint64_t page) const;
  bool insert_at(const Path& path, Vma& vma);
  void add_above(const Path& path, void* created);
  Leaf* split(Leaf& leaf, unsigned index);
  Inner* split(Inner& node, unsigned index);
  void refresh(const Path& path, Vma& vma);
  void refresh_gap_of(Vma* vma);
  static void update(const Path& path, unsigned depth, std::uint64_t most);
  void remember(Vma* vma);
  bool remove_at(const Path& path, const Vma* next);
  void lower_root();
  static std::uint64_t gap_below(const Vma& vma);
  template <class Node>
  static std::uint64_t search_down(const Node& node, unsigned count, std::uint64_t floor,
                                   const Wanted& wanted);
  template <class Node>
  static std::uint64_t search_up(const Node& node, std::uint64_t floor, const Wanted& wanted);
  void destroy(void* node, unsigned height);
  // Calls use(Leaf or Inner).
  template <class Use>
  auto with_root(Use use) const;
  static void validate_leaf(const Leaf& leaf, std::vector<std::string>& violations);
  static void validate_inner(const Inner& node, std::vector<std::string>& violations);
  static void check_summary(Summary known, Summary real, std::vector<std::string>& violations);

  std::unique_ptr<Slab<Leaf>> leaves_;
  std::unique_ptr<Slab<Inner>> inners_;
  void* root_;
  unsigned height_ = 0;  // of the root above the leaves, which it is one of at 0
  Vma* first_ = nullptr;
  Vma* last_ = nullptr;
  std::size_t size_ = 0;
  mutable Found found_;
  mutable Descent descent_;
  mutable std::vector<Unsettled> unsettled_;
};

}  // namespace pw::mm
