// SPDX-License-Identifier: MIT
// Slots of a swap area: where the content of pages that are not resident stands. They count from 1.
#pragma once

#include <cstdint>
#include <vector>

namespace pw::mm {

class SwapSlots {
 public:
  std::uint32_t allocate() {
    if (free_.empty()) return ++highest_;
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void free(std::uint32_t slot) { free_.push_back(slot); }
  std::uint64_t in_use() const { return highest_ - free_.size(); }

 private:
  std::uint32_t highest_ = 0;
  std::vector<std::uint32_t> free_;
};

}  // namespace pw::mm
