// SPDX-License-Identifier: MIT
#include "mm/vma_tree.h"

#include <algorithm>

#include "base/check.h"
#include "mm/vma_tree_node.h"

namespace pw::mm {

VmaTree::VmaTree()
    : leaves_(std::make_unique<Slab<Leaf>>()),
      inners_(std::make_unique<Slab<Inner>>()),
      root_(leaves_->make()) {}

VmaTree::~VmaTree() { destroy(root_, height_); }

void VmaTree::destroy(void* node, unsigned height) {
  if (height == 0) return leaves_->destroy(static_cast<Leaf*>(node));
  auto* const inner = static_cast<Inner*>(node);
  for (unsigned i = 0; i < inner->count; ++i) destroy(inner->child[i], height - 1);
  inners_->destroy(inner);
}

void VmaTree::descend(std::uint64_t page) const {
  descent_.page = page;
  descent_.floor = 0;
  descent_.leaf = nullptr;
  descent_.next = nullptr;
  const void* node = root_;
  for (unsigned height = height_; height > 0; --height) {
    const auto* const inner = static_cast<const Inner*>(node);
    const unsigned place = inner->place_of(page);
    if (place >= inner->count) return;
    if (place > 0) descent_.floor = inner->end[place - 1];
    node = inner->child[place];
    if (height > 1)
      static_cast<const Inner*>(node)->prefetch();
    else if (place + 1 < inner->count)
      descent_.next = inner->leaf(place + 1);
  }
  descent_.leaf = static_cast<Leaf*>(const_cast<void*>(node));
  descent_.leaf->prefetch();
}

// False where no VMA ends above the page.
bool VmaTree::search(std::uint64_t page) const {
  if (descent_.page != page) descend(page);
  Leaf* const leaf = descent_.leaf;
  if (leaf == nullptr) return false;
  const unsigned place = leaf->place_of(page);
  if (place >= leaf->count) return false;
  const VmaDigest digest = leaf->digest[place];
  found_.from = place > 0 ? leaf->end[place - 1] : descent_.floor;
  found_.end = leaf->end[place];
  found_.first = found_.from + (digest.gap() < VmaDigest::kMostGap ? digest.gap() : leaf->gap[place]);
  found_.vma = nullptr;
  found_.leaf = leaf;
  found_.index = place;
  found_.digest = digest;
  return true;
}

Vma* VmaTree::vma_found() const {
  if (found_.vma == nullptr) found_.vma = found_.leaf->entry[found_.index];
  return found_.vma;
}

bool VmaTree::is_alone() const {
  const Leaf* const leaf = found_.leaf;
  if (leaf == nullptr || leaf->digest[found_.index].gap() == 0) return false;
  const unsigned above = found_.index + 1;
  if (above < leaf->count) return leaf->digest[above].gap() > 0;
  return leaf == descent_.leaf && descent_.next != nullptr && descent_.next->digest[0].gap() > 0;
}

void VmaTree::give_family(AnonFamily family) {
  unsettled_.push_back({&found_.leaf->entry[found_.index], family});
  found_.leaf->digest[found_.index].add_family();
  found_.digest.add_family();
}

// The VMAs come from far away: they are asked for ahead.
void VmaTree::settle_families() const {
  constexpr std::size_t kAhead = 16;
  const auto prefetch_entry = [&](std::size_t i) {
    if (i < unsettled_.size()) PW_PREFETCH(unsettled_[i].vma);
  };
  const auto prefetch_vma = [&](std::size_t i) {
    if (i < unsettled_.size()) PW_PREFETCH(*unsettled_[i].vma);
  };
  for (std::size_t i = 0; i < 2 * kAhead; ++i) prefetch_entry(i);
  for (std::size_t i = 0; i < kAhead; ++i) prefetch_vma(i);
  for (std::size_t i = 0; i < unsettled_.size(); ++i) {
    prefetch_entry(i + 2 * kAhead);
    prefetch_vma(i + kAhead);
    (*unsettled_[i].vma)->anon = unsettled_[i].family;
  }
  unsettled_.clear();
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
  void* node = root_;
  PW_CHECK(height_ <= kMaxDepth);
  for (unsigned depth = 0; depth < height_; ++depth) {
    auto* const inner = static_cast<Inner*>(node);
    path.nodes[depth] = inner;
    path.at[depth] = inner->index_of(page);
    node = inner->child[path.at[depth]];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.index = path.leaf->index_of(page);
  return path;
}

std::uint64_t VmaTree::gap_below(const Vma& vma) {
  return vma.range.first.value() - (vma.previous != nullptr ? vma.previous->range.end.value() : 0);
}

void VmaTree::insert(Vma& vma) {
  settle();
  PW_CHECK(!vma.range.is_empty());
  const Path path = locate(vma.range.first.value());
  Vma* const next = path.index < path.leaf->count ? path.leaf->entry[path.index] : nullptr;
  PW_CHECK(next == nullptr || vma.range.end <= next->range.first);
  link(next != nullptr ? next->previous : last_, &vma);
  link(&vma, next);
  if (vma.previous == nullptr) first_ = &vma;
  if (next == nullptr) last_ = &vma;
  ++size_;
  remember(&vma);
  if (!insert_at(path, vma)) refresh_gap_of(vma.next);
}

// Whether the gap of the VMA above is right as well, which it is where both are in one leaf.
bool VmaTree::insert_at(const Path& path, Vma& vma) {
  Leaf* leaf = path.leaf;
  unsigned index = path.index;
  Leaf* const created = leaf->count == Leaf::kFanout ? split(*leaf, index) : nullptr;
  if (index > leaf->count) {
    index -= leaf->count;
    leaf = created;
  }
  leaf->open(index);
  leaf->set(index, vma, gap_below(vma));
  std::uint64_t most = leaf->gap[index];
  const bool knows_next = index + 1 < leaf->count;
  if (knows_next) {
    leaf->set_gap(index + 1, gap_below(*vma.next));
    most = std::max(most, leaf->gap[index + 1]);
  }
  if (created == nullptr)
    update(path, height_, most);
  else
    add_above(path, created);
  return knows_next || vma.next == nullptr;
}

// The new node becomes the next child of the node above the one that it was split from, and so on up.
void VmaTree::add_above(const Path& path, void* created) {
  for (unsigned depth = height_; depth-- > 0;) {
    Inner* node = path.nodes[depth];
    unsigned index = path.at[depth];
    node->summarize(index++);
    if (node->count < Inner::kFanout) {
      node->open(index);
      node->set(index, created);
      return update(path, depth, node->summary().gap);
    }
    Inner* const upper = split(*node, index);
    if (index > node->count) {
      index -= node->count;
      node = upper;
    }
    node->open(index);
    node->set(index, created);
    created = upper;
  }
  Inner* const root = inners_->make(height_ == 0);
  root->count = 2;
  root->set(0, root_);
  root->set(1, created);
  root_ = root;
  ++height_;
}

// The upper half goes to a new node, or less where entries are added at the end, as ascending ones are: then nodes stay
// full. `index`: of the entry that is to come.
VmaTree::Leaf* VmaTree::split(Leaf& leaf, unsigned index) {
  Leaf* const upper = leaves_->make();
  leaf.give(index == Leaf::kFanout ? Leaf::kFanout - 1 : Leaf::kFanout / 2, *upper);
  return upper;
}

VmaTree::Inner* VmaTree::split(Inner& node, unsigned index) {
  Inner* const upper = inners_->make(node.above_leaves);
  node.give(index == Inner::kFanout ? Inner::kFanout - 1 : Inner::kFanout / 2, *upper);
  return upper;
}

// The nodes above `depth` on the path hear of gaps that changed below, the widest of which is `most` now.
void VmaTree::update(const Path& path, unsigned depth, std::uint64_t most) {
  while (depth-- > 0) {
    if (!path.nodes[depth]->update(path.at[depth], most)) return;
    most = path.nodes[depth]->gap[path.at[depth]];
  }
}

// The next search for the VMA, or for what lies between it and the one below, is none.
void VmaTree::remember(Vma* vma) {
  descent_ = {};
  found_ = {};
  if (vma == nullptr) return;
  const std::uint64_t gap = gap_below(*vma);
  found_.first = vma->range.first.value();
  found_.from = found_.first - gap;
  found_.end = vma->range.end.value();
  found_.vma = vma;
  found_.digest = VmaDigest(*vma, gap);
}

void VmaTree::refresh(const Path& path, Vma& vma) {
  const std::uint64_t gap = gap_below(vma);
  path.leaf->set(path.index, vma, gap);
  update(path, height_, gap);
}

void VmaTree::refresh(Vma& vma) {
  settle();
  remember(&vma);
  refresh_gap_of(&vma);
}

void VmaTree::refresh_gap_of(Vma* vma) {
  if (vma != nullptr) refresh(locate(vma->range.end.value() - 1), *vma);
}

void VmaTree::erase(Vma& vma) {
  settle();
  const Path path = locate(vma.range.end.value() - 1);
  PW_CHECK(path.leaf->entry[path.index] == &vma);
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
  Leaf& leaf = *path.leaf;
  leaf.close(path.index);
  const bool knows_next = path.index < leaf.count;
  std::uint64_t most = 0;  // of the gaps that changed
  if (knows_next) {
    most = gap_below(*next);
    leaf.set_gap(path.index, most);
  }
  unsigned depth = height_;  // of what is left
  if (leaf.count == 0 && depth > 0) {
    leaves_->destroy(&leaf);
    for (--depth;; --depth) {
      path.nodes[depth]->close(path.at[depth]);
      if (depth == 0 || path.nodes[depth]->count > 0) break;
      inners_->destroy(path.nodes[depth]);
    }
  }
  update(path, depth, most);
  lower_root();
  return knows_next || next == nullptr;
}

// Until it has two children.
void VmaTree::lower_root() {
  while (height_ > 0) {
    auto* const root = static_cast<Inner*>(root_);
    if (root->count > 1) return;
    height_ = root->count == 1 ? height_ - 1 : 0;
    root_ = root->count == 1 ? root->child[0] : leaves_->make();
    inners_->destroy(root);
  }
}

void VmaTree::resize(Vma& vma, PageRange range) {
  settle();
  PW_CHECK(!range.is_empty());
  PW_CHECK(vma.previous == nullptr || vma.previous->range.end <= range.first);
  PW_CHECK(vma.next == nullptr || range.end <= vma.next->range.first);
  const Path path = locate(vma.range.end.value() - 1);
  PW_CHECK(path.leaf->entry[path.index] == &vma);
  const bool moves_end = range.end != vma.range.end;
  vma.range = range;
  link(vma.previous, &vma);
  link(&vma, vma.next);
  remember(&vma);
  refresh(path, vma);
  if (moves_end) refresh_gap_of(vma.next);
}

}  // namespace pw::mm
