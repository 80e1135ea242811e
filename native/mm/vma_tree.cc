// SPDX-License-Identifier: MIT
#include "mm/vma_tree.h"

#include <algorithm>

#include "base/check.h"
#include "mm/vma_tree_node.h"

namespace pw::mm {

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

}  // namespace pw::mm
