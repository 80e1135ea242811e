// SPDX-License-Identifier: MIT
// Whether a tree of VMAs says of itself what is so.
#include <algorithm>

#include "base/hex.h"
#include "mm/vma_tree.h"
#include "mm/vma_tree_node.h"

namespace pw::mm {

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
