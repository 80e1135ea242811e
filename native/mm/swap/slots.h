// SPDX-License-Identifier: MIT
// Slots of a swap area: where the content of pages that are not resident stands. They count from 1.
#pragma once

#include <cstdint>

namespace pw::mm {

class SwapSlots {
 public:
  std::uint32_t allocate() { return ++in_use_; }
  std::uint64_t in_use() const { return in_use_; }

 private:
  std::uint32_t in_use_ = 0;
};

}  // namespace pw::mm
