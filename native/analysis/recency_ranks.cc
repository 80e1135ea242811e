// SPDX-License-Identifier: MIT
#include "analysis/recency_ranks.h"

#include <algorithm>

namespace pw::analysis {
namespace {

constexpr std::size_t kAhead = 16;  // pages

// Enough that making times dense is rare, little enough that a small stream stays in a first-level cache.
std::uint32_t slots_for(std::uint32_t pages) {
  constexpr std::uint32_t kLeast = 1 << 16;
  std::uint32_t slots = kLeast;
  while (slots < std::uint64_t{3} * pages) slots *= 2;
  return slots;
}

std::size_t parts(std::uint32_t slots, std::uint32_t size) { return (std::size_t{slots} + size - 1) / size; }

}  // namespace

RecencyRanks::RecencyRanks(std::uint32_t pages, std::uint64_t numbers)
    : slots_(slots_for(pages)),
      last_(numbers, kUnused),
      bits_(parts(slots_, kWordSlots)),
      words_(parts(slots_, kNodeSlots)),
      nodes_(parts(slots_, kGroupSlots)),
      groups_(parts(slots_, kRegionSlots)),
      regions_(parts(slots_, 8 * kRegionSlots)) {}

void RecencyRanks::enter_word() {
  bits_[now_ / kWordSlots] = 0;
  const std::uint32_t region = now_ / kRegionSlots, group = now_ / kGroupSlots, node = now_ / kNodeSlots;
  std::uint32_t before = used_;
  if (now_ % kRegionSlots == 0) regions_[region / 8][region % 8] = before;
  before -= before_region(region);
  if (now_ % kGroupSlots == 0) groups_[region][group % 32] = before;
  before -= groups_[region][group % 32];
  if (now_ % kNodeSlots == 0) nodes_[group][node % 32] = static_cast<std::uint16_t>(before);
  before -= nodes_[group][node % 32];
  words_[node][now_ / kWordSlots % 16] = static_cast<std::uint16_t>(before);
}

// Each page's time becomes its rank: the order stays.
void RecencyRanks::make_dense() {
  for (std::size_t page = 0; page < last_.size(); ++page) {
    if (page + kAhead < last_.size()) prefetch_place(static_cast<std::uint32_t>(page + kAhead));
    if (last_[page] != kUnused) last_[page] = rank(last_[page]) - 1;
  }
  const std::uint32_t used = used_;
  used_ = 0;
  for (now_ = 0; now_ < used; ++now_, ++used_) {
    if (now_ % kWordSlots == 0) enter_word();
    bits_[now_ / kWordSlots] |= std::uint64_t{1} << now_ % kWordSlots;
  }
}

}  // namespace pw::analysis
