// SPDX-License-Identifier: MIT
// Whether a tree of VMAs says of itself what is so.

#include "base/hex.h"
#include "mm/vma_tree.h"
#include "mm/vma_tree_node.h"

namespace pw::mm {

void VmaTree::validate_leaf(const Leaf& leaf, std::vector<std::string>& violations) {
  for (unsigned i = 0; i < leaf.count; ++i) {
    const Vma& vma = *leaf.entry[i];
    check_summary({leaf.end[i], leaf.gap[i]}, {vma.range.end.value(), gap_below(vma)}, violations);
    if (leaf.digest[i] != VmaDigest(vma, gap_below(vma)))
      violations.push_back("VMA tree: the leaf does not know what became of the VMA at page " +
                           hex(vma.range.first.value()));
  }
}

void VmaTree::validate_inner(const Inner& node, std::vector<std::string>& violations) {
  for (unsigned i = 0; i < node.count; ++i) {
    const Summary below = node.summary_of(i);
    if (below.end == 0) violations.push_back("VMA tree: an empty node");
    check_summary({node.end[i], node.gap[i]}, below, violations);
    if (node.above_leaves)
      validate_leaf(*node.leaf(i), violations);
    else
      validate_inner(*node.inner(i), violations);
  }
}

void VmaTree::check_summary(Summary known, Summary real, std::vector<std::string>& violations) {
  if (known.end != real.end || known.gap != real.gap)
    violations.push_back("VMA tree: the entry that ends at page " + hex(known.end) + " should end at " +
                         hex(real.end) + " with a gap of " + std::to_string(real.gap) + ", not " +
                         std::to_string(known.gap));
}

std::vector<std::string> VmaTree::validate() const {
  std::vector<std::string> violations;
  const Found last = found_;
  descent_ = {};
  if (last.end != 0) {
    Vma* const vma = vma_found();
    if (!search(last.from) || vma_found() != vma || found_.first != last.first ||
        found_.digest != last.digest || !search(last.end - 1) || vma_found() != vma)
      violations.push_back("VMA tree: the VMA that was found last is not found again");
  }
  if (height_ == 0)
    validate_leaf(*static_cast<const Leaf*>(root_), violations);
  else
    validate_inner(*static_cast<const Inner*>(root_), violations);
  std::size_t count = 0;
  const Vma* previous = nullptr;
  for (const Vma* vma = first_; vma != nullptr; previous = vma, vma = vma->next, ++count) {
    const std::uint64_t first = vma->range.first.value();
    if (vma->previous != previous || vma->range.is_empty() ||
        (previous != nullptr && previous->range.end > vma->range.first))
      violations.push_back("VMA tree: the VMA at page " + hex(first) + " is out of order");
    if (previous != nullptr && (vma->meets_previous != (previous->range.end == vma->range.first) ||
                                previous->meets_next != vma->meets_previous))
      violations.push_back("VMA tree: the VMA at page " + hex(first) +
                           " is wrong about whether it meets the one below");
    if (!search(first) || vma_found() != vma || found_.first != first)
      violations.push_back("VMA tree: the VMA at page " + hex(first) + " is not found");
  }
  if (previous != last_ || count != size_)
    violations.push_back("VMA tree: " + std::to_string(count) + " VMAs are linked, " + std::to_string(size_) +
                         " are counted");
  return violations;
}

}  // namespace pw::mm
