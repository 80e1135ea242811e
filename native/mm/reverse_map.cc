// SPDX-License-Identifier: MIT
#include "mm/reverse_map.h"

namespace pw::mm {

std::uint32_t ReverseMap::enter(const paging::Leaf& leaf, SpaceId space, VirtPage page) {
  std::uint32_t number = 0;
  if (free_.empty()) {
    number = static_cast<std::uint32_t>(tables_.size());
    PW_CHECK(number < 1u << (32 - kShift));
    tables_.push_back(std::make_unique<Table>());
  } else {
    number = free_.back();
    free_.pop_back();
  }
  Table& table = *tables_[number];
  const std::uint32_t index = index_of(leaf);
  table.space = space;
  table.first = VirtPage(page.value() - index);
  table.address = PhysAddr(leaf.slot_address.value() - index * sizeof(std::uint64_t));
  table.slots = leaf.slot - index;
  return number;
}

Mapping ReverseMap::mapping(std::uint32_t number) const {
  const Table& table = *tables_[number >> kShift];
  const std::uint32_t index = number & kIndexMask;
  return {
      table.space,
      VirtPage(table.first.value() + index),
      {table.slots + index, PhysAddr(table.address.value() + index * sizeof(std::uint64_t)), paging::kPt}};
}

void ReverseMap::table_freed(FrameIndex table) {
  std::uint32_t& number = number_of_[table.value()];
  if (number == 0) return;
  free_.push_back(number);  // its links are zero again: every mapping was removed
  number = 0;
}

}  // namespace pw::mm
