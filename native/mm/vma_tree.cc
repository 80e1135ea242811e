// SPDX-License-Identifier: MIT
#include "mm/vma_tree.h"

#include <algorithm>

#include "base/check.h"
#include "base/hex.h"

namespace pw::mm {

// Keys and entries fill cache lines of their own.
struct alignas(64) VmaTree::Node {
  static constexpr unsigned kLine = 64 / sizeof(std::uint64_t);  // keys in a cache line

  explicit Node(bool leaf) : is_leaf(leaf) { end.fill(~0ull); }

  // The first entry that ends above the page; kFanout or an entry that is nullptr where there is none. First the line
  // of keys, by the last one of each, then the place in it: the loads of either step wait for nothing.
  unsigned place_of(std::uint64_t page) const {
    unsigned line = 0;
#pragma GCC unroll 8
    for (unsigned last = kLine - 1; last + kLine < kFanout; last += kLine)
      line += end[last] <= page ? kLine : 0;
    unsigned place = line;
#pragma GCC unroll 8
    for (unsigned i = 0; i < kLine; ++i) place += end[line + i] <= page;
    return place;
  }
  // The same; count where there is none.
  unsigned index_of(std::uint64_t page) const { return std::min(place_of(page), count); }
  // A search will read a line of entries, and perhaps the last one of keys.
  void prefetch() const {
    PW_PREFETCH(&end[kFanout - kLine]);
    for (unsigned i = 0; i < kFanout; i += kLine) PW_PREFETCH(&entry[i]);
  }
  void open(unsigned index) {
    std::move_backward(end.begin() + index, end.begin() + count, end.begin() + count + 1);
    std::move_backward(gap.begin() + index, gap.begin() + count, gap.begin() + count + 1);
    std::move_backward(entry.begin() + index, entry.begin() + count, entry.begin() + count + 1);
    ++count;
  }
  void close(unsigned index) {
    std::move(end.begin() + index + 1, end.begin() + count, end.begin() + index);
    std::move(gap.begin() + index + 1, gap.begin() + count, gap.begin() + index);
    std::move(entry.begin() + index + 1, entry.begin() + count, entry.begin() + index);
    end[--count] = ~0ull;
    entry[count] = nullptr;
  }
  void set(unsigned index, Node* child) {
    entry[index] = child;
    summarize(index);
  }
  // Of an inner node: what the child says.
  void summarize(unsigned index) {
    end[index] = child(index)->last_end();
    gap[index] = child(index)->widest_gap();
  }
  // What it says now, where `most` is the widest of the gaps that changed. Whether that is something else than before.
  bool update(unsigned index, std::uint64_t most) {
    const Node& below = *child(index);
    const std::uint64_t end_now = below.last_end();
    std::uint64_t gap_now = std::max(gap[index], most);
    if (most < gap_now && !below.has_gap(gap_now)) gap_now = below.widest_gap();
    const bool changes = end[index] != end_now || gap[index] != gap_now;
    end[index] = end_now;
    gap[index] = gap_now;
    return changes;
  }
  std::uint64_t last_end() const { return count == 0 ? 0 : end[count - 1]; }
  std::uint64_t widest_gap() const {
    return count == 0 ? 0 : *std::max_element(gap.begin(), gap.begin() + count);
  }
  bool has_gap(std::uint64_t pages) const {
    return std::find(gap.begin(), gap.begin() + count, pages) != gap.begin() + count;
  }
  Node* child(unsigned index) const { return static_cast<Node*>(entry[index]); }
  Vma* vma(unsigned index) const { return static_cast<Vma*>(entry[index]); }

  std::array<std::uint64_t, kFanout> end;    // all ones behind the last
  std::array<void*, kFanout> entry{};        // nullptr behind the last
  std::array<std::uint64_t, kFanout> gap{};  // free pages below; of an inner node: the most of a child's
  unsigned count = 0;
  bool is_leaf;
};

VmaTree::VmaTree() : slab_(std::make_unique<Slab<Node>>()), root_(slab_->make(true)) {}

VmaTree::~VmaTree() { destroy(root_); }

void VmaTree::destroy(Node* node) {
  if (!node->is_leaf)
    for (unsigned i = 0; i < node->count; ++i) destroy(node->child(i));
  slab_->destroy(node);
}

Vma* VmaTree::search(std::uint64_t page) const {
  const Node* node = root_;
  for (unsigned height = height_;; --height) {
    const unsigned place = node->place_of(page);
    if (place == kFanout) return nullptr;
    if (node->entry[place] == nullptr) return nullptr;
    if (height == 0) {
      Vma* const found = node->vma(place);
      PW_PREFETCH(found);
      last_found_ = {place > 0 ? node->end[place - 1] : page, node->end[place], found};
      return found;
    }
    node = node->child(place);
    node->prefetch();
  }
}

// The VMAs are neighbors now, or one of them, the other nullptr, has none on that side.
void VmaTree::link(Vma* below, Vma* above) {
  const bool meet = below != nullptr && above != nullptr && below->range.end == above->range.first;
  if (below != nullptr) {
    below->next = above;
    below->meets_next = meet;
  }
  if (above != nullptr) {
    above->previous = below;
    above->meets_previous = meet;
  }
}

// The way to the first entry that ends above the page, or behind the last one.
VmaTree::Path VmaTree::locate(std::uint64_t page) const {
  Path path;
  Node* node = root_;
  for (;; ++path.depth) {
    PW_CHECK(path.depth < kMaxDepth);
    unsigned index = node->index_of(page);
    if (index == node->count && !node->is_leaf) --index;
    path.nodes[path.depth] = node;
    path.at[path.depth] = index;
    if (node->is_leaf) return path;
    node = node->child(index);
  }
}

std::uint64_t VmaTree::gap_below(const Vma& vma) {
  return vma.range.first.value() - (vma.previous != nullptr ? vma.previous->range.end.value() : 0);
}

void VmaTree::insert(Vma& vma) {
  PW_CHECK(!vma.range.is_empty());
  Path path = locate(vma.range.first.value());
  const Node& leaf = *path.nodes[path.depth];
  Vma* const next = path.at[path.depth] < leaf.count ? leaf.vma(path.at[path.depth]) : nullptr;
  PW_CHECK(next == nullptr || vma.range.end <= next->range.first);
  link(next != nullptr ? next->previous : last_, &vma);
  link(&vma, next);
  if (vma.previous == nullptr) first_ = &vma;
  if (next == nullptr) last_ = &vma;
  ++size_;
  remember(&vma);
  if (!insert_at(path, vma)) refresh_gap_of(vma.next);
}

// Whether the gap of the VMA above is right as well, which it is where both are in one node.
bool VmaTree::insert_at(Path& path, Vma& vma) {
  Node* created = nullptr;
  bool knows_next = vma.next == nullptr;
  std::uint64_t most = 0;  // of the gaps that changed in the node below
  for (unsigned depth = path.depth + 1; depth-- > 0;) {
    Node* node = path.nodes[depth];
    unsigned index = path.at[depth];
    const bool is_leaf = depth == path.depth;
    if (!is_leaf) {
      if (created == nullptr) {
        if (!node->update(index, most)) return knows_next;
        most = node->gap[index];
        continue;
      }
      node->summarize(index++);
    }
    Node* const entering = created;
    created = nullptr;
    if (node->count == kFanout) {
      created = split(*node, index);
      if (index > node->count) {
        index -= node->count;
        node = created;
      }
    }
    node->open(index);
    if (is_leaf) {
      node->entry[index] = &vma;
      node->end[index] = vma.range.end.value();
      node->gap[index] = most = gap_below(vma);
      if (index + 1 < node->count) {
        node->gap[index + 1] = gap_below(*vma.next);
        most = std::max(most, node->gap[index + 1]);
        knows_next = true;
      }
    } else {
      node->set(index, entering);
      most = std::max(node->gap[index - 1], node->gap[index]);
    }
  }
  if (created == nullptr) return knows_next;
  Node* const root = slab_->make(false);
  root->count = 2;
  root->set(0, root_);
  root->set(1, created);
  root_ = root;
  ++height_;
  return knows_next;
}

// Moves the upper half to a new node, or less where entries are added at the end, as ascending ones are: then nodes stay
// full. `index`: of the entry that is to come.
VmaTree::Node* VmaTree::split(Node& node, unsigned index) {
  Node* const upper = slab_->make(node.is_leaf);
  const unsigned kept = index == kFanout ? kFanout - 1 : kFanout / 2;
  std::copy(node.end.begin() + kept, node.end.end(), upper->end.begin());
  std::copy(node.gap.begin() + kept, node.gap.end(), upper->gap.begin());
  std::copy(node.entry.begin() + kept, node.entry.end(), upper->entry.begin());
  upper->count = kFanout - kept;
  node.count = kept;
  std::fill(node.end.begin() + kept, node.end.end(), ~0ull);
  std::fill(node.entry.begin() + kept, node.entry.end(), nullptr);
  return upper;
}

void VmaTree::update(const Path& path, unsigned depth, std::uint64_t most) {
  while (depth-- > 0) {
    if (!path.nodes[depth]->update(path.at[depth], most)) return;
    most = path.nodes[depth]->gap[path.at[depth]];
  }
}

// The next search for the VMA, or for what lies between it and the one below, is none.
void VmaTree::remember(Vma* vma) {
  last_found_ = {};
  if (vma != nullptr) last_found_ = {vma->range.first.value() - gap_below(*vma), vma->range.end.value(), vma};
}

void VmaTree::refresh(const Path& path, const Vma& vma) {
  Node& leaf = *path.nodes[path.depth];
  leaf.end[path.at[path.depth]] = vma.range.end.value();
  leaf.gap[path.at[path.depth]] = gap_below(vma);
  update(path, path.depth, gap_below(vma));
}

void VmaTree::refresh_gap_of(Vma* vma) {
  if (vma != nullptr) refresh(locate(vma->range.end.value() - 1), *vma);
}

void VmaTree::erase(Vma& vma) {
  const Path path = locate(vma.range.end.value() - 1);
  PW_CHECK(path.nodes[path.depth]->vma(path.at[path.depth]) == &vma);
  if (vma.previous == nullptr) first_ = vma.next;
  if (vma.next == nullptr) last_ = vma.previous;
  link(vma.previous, vma.next);
  --size_;
  remember(vma.next);
  if (!remove_at(path, vma.next)) refresh_gap_of(vma.next);
  vma.previous = vma.next = nullptr;
}

// As insert_at; `next` is the VMA above the one that goes.
bool VmaTree::remove_at(const Path& path, const Vma* next) {
  unsigned depth = path.depth;
  Node& leaf = *path.nodes[depth];
  leaf.close(path.at[depth]);
  const bool knows_next = next == nullptr || path.at[depth] < leaf.count;
  std::uint64_t most = 0;  // of the gaps that changed
  if (path.at[depth] < leaf.count) leaf.gap[path.at[depth]] = most = gap_below(*next);
  for (; depth > 0 && path.nodes[depth]->count == 0; --depth) {
    slab_->destroy(path.nodes[depth]);
    path.nodes[depth - 1]->close(path.at[depth - 1]);
  }
  update(path, depth, most);
  while (!root_->is_leaf && root_->count <= 1) {
    height_ = root_->count == 1 ? height_ - 1 : 0;
    Node* const only = root_->count == 1 ? root_->child(0) : slab_->make(true);
    slab_->destroy(root_);
    root_ = only;
  }
  return knows_next;
}

void VmaTree::resize(Vma& vma, PageRange range) {
  PW_CHECK(!range.is_empty());
  PW_CHECK(vma.previous == nullptr || vma.previous->range.end <= range.first);
  PW_CHECK(vma.next == nullptr || range.end <= vma.next->range.first);
  const Path path = locate(vma.range.end.value() - 1);
  PW_CHECK(path.nodes[path.depth]->vma(path.at[path.depth]) == &vma);
  const bool moves_end = range.end != vma.range.end;
  vma.range = range;
  link(vma.previous, &vma);
  link(&vma, vma.next);
  remember(&vma);
  refresh(path, vma);
  if (moves_end) refresh_gap_of(vma.next);
}

// In the first `count` entries; `floor`: where the free pages below the first of them may begin at the lowest.
std::optional<std::uint64_t> VmaTree::search_down(const Node& node, unsigned count, std::uint64_t floor,
                                                  const Wanted& wanted) {
  for (unsigned i = count; i-- > 0;) {
    if (node.end[i] <= wanted.low) return std::nullopt;
    const std::uint64_t below = i == 0 ? floor : node.end[i - 1];
    if (node.gap[i] < wanted.pages || below + wanted.pages > wanted.high) continue;
    if (!node.is_leaf) {
      const Node& child = *node.child(i);
      if (const auto found = search_down(child, child.count, below, wanted)) return found;
      continue;
    }
    const std::uint64_t start = node.vma(i)->range.first.value();
    const std::uint64_t high = std::min(start, wanted.high);
    const std::uint64_t low = std::max(start - node.gap[i], wanted.low);
    if (high >= wanted.pages && high - wanted.pages >= low) return high - wanted.pages;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> VmaTree::search_up(const Node& node, std::uint64_t floor, const Wanted& wanted) {
  for (unsigned i = node.index_of(wanted.low); i < node.count; ++i) {
    const std::uint64_t below = i == 0 ? floor : node.end[i - 1];
    if (below + wanted.pages > wanted.high) return std::nullopt;
    if (node.gap[i] < wanted.pages) continue;
    if (!node.is_leaf) {
      if (const auto found = search_up(*node.child(i), below, wanted)) return found;
      continue;
    }
    const std::uint64_t start = node.vma(i)->range.first.value();
    const std::uint64_t high = std::min(start, wanted.high);
    const std::uint64_t low = std::max(start - node.gap[i], wanted.low);
    if (high >= wanted.pages && high - wanted.pages >= low) return low;
  }
  return std::nullopt;
}

std::optional<VirtPage> VmaTree::highest_gap(PageRange within, std::uint64_t pages) const {
  if (within.is_empty() || within.pages() < pages) return std::nullopt;
  const Wanted wanted{within.first.value(), within.end.value(), pages};
  const std::uint64_t top =
      std::max(last_ != nullptr ? last_->range.end.value() : 0, wanted.low);  // free from here on
  if (top <= wanted.high && wanted.high - top >= pages) return VirtPage(wanted.high - pages);
  if (const auto found = search_down(*root_, root_->count, 0, wanted)) return VirtPage(*found);
  return std::nullopt;
}

std::optional<VirtPage> VmaTree::lowest_gap(PageRange within, std::uint64_t pages) const {
  if (within.is_empty() || within.pages() < pages) return std::nullopt;
  const Wanted wanted{within.first.value(), within.end.value(), pages};
  if (const auto found = search_up(*root_, 0, wanted)) return VirtPage(*found);
  const std::uint64_t top = std::max(last_ != nullptr ? last_->range.end.value() : 0, wanted.low);
  if (top <= wanted.high && wanted.high - top >= pages) return VirtPage(top);
  return std::nullopt;
}

void VmaTree::validate_node(const Node& node, std::vector<std::string>& violations) const {
  for (unsigned i = 0; i < node.count; ++i) {
    std::uint64_t end = 0;
    std::uint64_t gap = 0;
    if (node.is_leaf) {
      end = node.vma(i)->range.end.value();
      gap = gap_below(*node.vma(i));
    } else {
      const Node& child = *node.child(i);
      validate_node(child, violations);
      if (child.count == 0) violations.push_back("VMA tree: an empty node");
      for (unsigned j = 0; j < child.count; ++j) gap = std::max(gap, child.gap[j]);
      end = child.count == 0 ? 0 : child.end[child.count - 1];
    }
    if (node.end[i] != end || node.gap[i] != gap)
      violations.push_back("VMA tree: the entry that ends at page " + hex(node.end[i]) + " should end at " +
                           hex(end) + " with a gap of " + std::to_string(gap) + ", not " +
                           std::to_string(node.gap[i]));
  }
}

std::vector<std::string> VmaTree::validate() const {
  std::vector<std::string> violations;
  const Found last = last_found_;
  if (last.vma != nullptr && (search(last.from) != last.vma || search(last.end - 1) != last.vma))
    violations.push_back("VMA tree: the VMA that was found last is not found again");
  validate_node(*root_, violations);
  std::size_t count = 0;
  const Vma* previous = nullptr;
  for (const Vma* vma = first_; vma != nullptr; previous = vma, vma = vma->next, ++count) {
    if (vma->previous != previous || vma->range.is_empty() ||
        (previous != nullptr && previous->range.end > vma->range.first))
      violations.push_back("VMA tree: the VMA at page " + hex(vma->range.first.value()) + " is out of order");
    if (previous != nullptr && (vma->meets_previous != (previous->range.end == vma->range.first) ||
                                previous->meets_next != vma->meets_previous))
      violations.push_back("VMA tree: the VMA at page " + hex(vma->range.first.value()) +
                           " is wrong about whether it meets the one below");
    if (search(vma->range.first.value()) != vma)
      violations.push_back("VMA tree: the VMA at page " + hex(vma->range.first.value()) + " is not found");
  }
  if (previous != last_ || count != size_)
    violations.push_back("VMA tree: " + std::to_string(count) + " VMAs are linked, " + std::to_string(size_) +
                         " are counted");
  return violations;
}

}  // namespace pw::mm
