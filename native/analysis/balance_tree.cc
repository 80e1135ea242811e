// SPDX-License-Identifier: MIT
#include "analysis/balance_tree.h"

#include <algorithm>
#include <array>

namespace pw::analysis {

BalanceTree::BalanceTree(std::uint32_t size) {
  size = (size + kFan - 1) / kFan;
  slots_.resize(std::size_t{size} * kFan);
  do {
    size = (size + kFan - 1) / kFan;
    levels_.emplace_back(std::size_t{size} * kFan);
  } while (size > 1);
}

BalanceTree::Node BalanceTree::node_over(const std::uint8_t* slots) {
  Node node;
  for (std::uint32_t i = kFan; i-- > 0;) {
    if ((slots[i] & kUse) != 0) node.least = std::min(node.least, node.surplus);
    node.surplus += surplus_of(slots[i]);
  }
  return node;
}

BalanceTree::Node BalanceTree::node_over(const Node* children) {
  Node node;
  for (std::uint32_t i = kFan; i-- > 0;) {
    node.least = std::min(node.least, children[i].least + node.surplus);
    node.surplus += children[i].surplus;
  }
  return node;
}

void BalanceTree::set(std::uint32_t slot, std::uint8_t what) {
  slots_[slot] = what;
  std::uint32_t index = slot / kFan;
  Node node = node_over(&slots_[std::size_t{index} * kFan]);
  for (std::size_t level = 0; level < levels_.size() && levels_[level][index] != node; ++level) {
    levels_[level][index] = node;
    index /= kFan;
    node = node_over(&levels_[level][std::size_t{index} * kFan]);
  }
}

std::optional<std::uint32_t> BalanceTree::balanced_slot(Place node, std::uint32_t from) const {
  std::optional<std::uint32_t> found;
  for (std::uint32_t i = kFan; i-- > from;) {
    const std::uint8_t what = slots_[node.index * kFan + i];
    if ((what & kUse) != 0 && node.surplus == 0) found = node.index * kFan + i;
    node.surplus += surplus_of(what);
  }
  return found;
}

std::optional<BalanceTree::Place> BalanceTree::balanced_child(std::size_t level, Place node,
                                                              std::uint32_t from) const {
  std::optional<Place> found;
  for (std::uint32_t i = kFan; i-- > from;) {
    const Node& child = levels_[level][node.index * kFan + i];
    if (child.least + node.surplus == 0) found = {node.index * kFan + i, node.surplus};
    node.surplus += child.surplus;
  }
  return found;
}

std::uint32_t BalanceTree::slot_under(std::size_t level, Place node) const {
  while (level-- > 0) node = *balanced_child(level, node, 0);
  return *balanced_slot(node, 0);
}

std::uint32_t BalanceTree::first_balanced_behind(std::uint32_t slot) const {
  std::array<Place, kMostLevels + 1> path;  // the nodes over the slot, and one over the last level
  std::uint32_t index = slot;
  for (std::size_t level = 0; level <= levels_.size(); ++level) path[level].index = index /= kFan;
  for (std::size_t level = levels_.size(); level-- > 0;) {
    path[level].surplus = path[level + 1].surplus;
    for (std::uint32_t i = path[level].index + 1; i % kFan != 0; ++i)
      path[level].surplus += levels_[level][i].surplus;
  }
  if (const auto found = balanced_slot(path[0], slot % kFan + 1)) return *found;
  for (std::size_t level = 0; level < levels_.size(); ++level)
    if (const auto node = balanced_child(level, path[level + 1], path[level].index % kFan + 1))
      return slot_under(level, *node);
  throw InternalError("no balanced use");
}

}  // namespace pw::analysis
