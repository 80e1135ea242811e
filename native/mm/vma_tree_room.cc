// SPDX-License-Identifier: MIT
// Where a VmaTree has room.
#include <algorithm>
#include <type_traits>

#include "mm/vma_tree_node.h"

namespace pw::mm {

// In the first `count` entries; `floor`: where the free pages below the first of them may begin at the lowest.
template <class Node>
std::uint64_t VmaTree::search_down(const Node& node, unsigned count, std::uint64_t floor,
                                   const Wanted& wanted) {
  for (unsigned i = count; i-- > 0;) {
    if (node.end[i] <= wanted.low) return kNowhere;
    const std::uint64_t below = i == 0 ? floor : node.end[i - 1];
    if (node.gap[i] < wanted.pages || below + wanted.pages > wanted.high) continue;
    if constexpr (std::is_same_v<Node, Inner>) {
      const std::uint64_t found = node.above_leaves
                                      ? search_down(*node.leaf(i), node.leaf(i)->count, below, wanted)
                                      : search_down(*node.inner(i), node.inner(i)->count, below, wanted);
      if (found != kNowhere) return found;
    } else {
      const std::uint64_t start = node.entry[i]->range.first.value();
      const std::uint64_t high = std::min(start, wanted.high);
      const std::uint64_t low = std::max(start - node.gap[i], wanted.low);
      if (high >= wanted.pages && high - wanted.pages >= low) return high - wanted.pages;
    }
  }
  return kNowhere;
}

template <class Node>
std::uint64_t VmaTree::search_up(const Node& node, std::uint64_t floor, const Wanted& wanted) {
  for (unsigned i = node.place_of(wanted.low); i < node.count; ++i) {
    const std::uint64_t below = i == 0 ? floor : node.end[i - 1];
    if (below + wanted.pages > wanted.high) return kNowhere;
    if (node.gap[i] < wanted.pages) continue;
    if constexpr (std::is_same_v<Node, Inner>) {
      const std::uint64_t found = node.above_leaves ? search_up(*node.leaf(i), below, wanted)
                                                    : search_up(*node.inner(i), below, wanted);
      if (found != kNowhere) return found;
    } else {
      const std::uint64_t start = node.entry[i]->range.first.value();
      const std::uint64_t high = std::min(start, wanted.high);
      const std::uint64_t low = std::max(start - node.gap[i], wanted.low);
      if (high >= wanted.pages && high - wanted.pages >= low) return low;
    }
  }
  return kNowhere;
}

template <class Use>
auto VmaTree::with_root(Use use) const {
  return height_ == 0 ? use(*static_cast<const Leaf*>(root_)) : use(*static_cast<const Inner*>(root_));
}

std::optional<VirtPage> VmaTree::highest_gap(PageRange within, std::uint64_t pages) const {
  if (within.is_empty() || within.pages() < pages) return std::nullopt;
  const Wanted wanted{within.first.value(), within.end.value(), pages};
  const std::uint64_t top =
      std::max(last_ != nullptr ? last_->range.end.value() : 0, wanted.low);  // free from here on
  if (top <= wanted.high && wanted.high - top >= pages) return VirtPage(wanted.high - pages);
  const std::uint64_t found =
      with_root([&](const auto& root) { return search_down(root, root.count, 0, wanted); });
  return found != kNowhere ? std::optional(VirtPage(found)) : std::nullopt;
}

std::optional<VirtPage> VmaTree::lowest_gap(PageRange within, std::uint64_t pages) const {
  if (within.is_empty() || within.pages() < pages) return std::nullopt;
  const Wanted wanted{within.first.value(), within.end.value(), pages};
  const std::uint64_t found = with_root([&](const auto& root) { return search_up(root, 0, wanted); });
  if (found != kNowhere) return VirtPage(found);
  const std::uint64_t top = std::max(last_ != nullptr ? last_->range.end.value() : 0, wanted.low);
  if (top <= wanted.high && wanted.high - top >= pages) return VirtPage(top);
  return std::nullopt;
}

}  // namespace pw::mm
