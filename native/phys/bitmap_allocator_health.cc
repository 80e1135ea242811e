// SPDX-License-Identifier: MIT
// What is wrong with an allocator, or with what it was asked for.
#include "phys/bitmap_allocator.h"

namespace pw::phys {

Error BitmapAllocator::refuse_free(FrameIndex first, std::uint64_t count) const {
  if (const auto frame = first_foreign(first, count)) return foreign(*frame, "free");
  return {ErrorCode::DoubleFree, "free: expected an allocated frame, but frame " +
                                     std::to_string(bitmap_.next_free(first.value())) + " is free already"};
}

Error BitmapAllocator::foreign(FrameIndex frame, const char* what) const {
  const std::string number = std::to_string(frame.value());
  if (frame.value() >= frames()) {
    return {ErrorCode::ForeignFrame, std::string(what) + ": expected a frame below " +
                                         std::to_string(frames()) + ", got frame " + number};
  }
  return {ErrorCode::ForeignFrame,
          std::string(what) + ": expected a usable frame, but the memory map reserves frame " + number};
}

std::vector<std::string> BitmapAllocator::validate() const {
  std::vector<std::string> violations = bitmap_.validate();
  const std::uint64_t free = frames() - bitmap_.count_used();
  if (free != free_count_) {
    violations.push_back("bitmap allocator: free_count is " + std::to_string(free_count_) + ", counted " +
                         std::to_string(free));
  }
  for (const FrameRange& range : reserved_) {
    const std::uint64_t frame = bitmap_.next_free(range.first.value());
    if (frame - range.first.value() < range.count) {
      violations.push_back("bitmap allocator: reserved frame " + std::to_string(frame) + " is free");
    }
  }
  return violations;
}

}  // namespace pw::phys
