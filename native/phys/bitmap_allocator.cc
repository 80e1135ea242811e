// SPDX-License-Identifier: MIT
#include "phys/bitmap_allocator.h"

#include <algorithm>
#include <bit>

namespace pw::phys {
namespace {

Status check_count(std::uint64_t count) {
  if (count > 0) return Done{};
  return Error{ErrorCode::OutOfRange, "count: expected at least 1 frame, got 0"};
}

// The range that holds the frame or begins after it.
auto range_at(const std::vector<FrameRange>& ranges, FrameIndex frame) {
  return std::upper_bound(ranges.begin(), ranges.end(), frame, [](FrameIndex index, const FrameRange& range) {
    return index.value() < range.first.value() + range.count;
  });
}

}  // namespace

BitmapAllocator::BitmapAllocator(const MemoryMap& map)
    : bitmap_(map.frames()), reserved_(map.unusable()), usable_(map.usable_frames()), free_count_(usable_) {
  for (const FrameRange& range : reserved_) bitmap_.set_run_used(range.first.value(), range.count);
}

bool BitmapAllocator::is_reserved(FrameIndex frame) const {
  const auto range = range_at(reserved_, frame);
  return range != reserved_.end() && range->first <= frame;
}

std::optional<FrameIndex> BitmapAllocator::first_foreign(FrameIndex first, std::uint64_t count) const {
  if (first.value() >= frames()) return first;
  const auto range = range_at(reserved_, first);
  const std::uint64_t reserved = range == reserved_.end() ? frames() : std::max(range->first, first).value();
  if (reserved - first.value() < count) return FrameIndex(reserved);
  return std::nullopt;
}

MaybeFrame BitmapAllocator::take_run(std::optional<std::uint64_t> first, std::uint64_t count) {
  if (!first) return std::nullopt;
  bitmap_.set_run_used(*first, count);
  free_count_ -= count;
  return FrameIndex(*first);
}

MaybeFrame BitmapAllocator::allocate_aligned(unsigned order, End end) {
  if (order >= 64 || free_count_ >> order == 0) return std::nullopt;
  return take_run(bitmap_.find_aligned(order, end), 1ull << order);
}

MaybeFrame BitmapAllocator::allocate_run(std::uint64_t count, std::uint64_t alignment, End end) {
  PW_CHECK(count > 0 && std::has_single_bit(alignment));
  if (free_count_ < count) return std::nullopt;
  return take_run(bitmap_.find_run(count, alignment, end), count);
}

Status BitmapAllocator::allocate_at(FrameIndex first, std::uint64_t count) {
  PW_TRY(check_count(count));
  if (const auto frame = first_foreign(first, count)) return foreign(*frame, "allocate");
  if (const std::uint64_t used = bitmap_.next_used(first.value()); used - first.value() < count) {
    return Error{ErrorCode::AlreadyAllocated,
                 "allocate: expected a free frame, but frame " + std::to_string(used) + " is allocated"};
  }
  take_run(first.value(), count);
  return Done{};
}

Status BitmapAllocator::free_aligned(FrameIndex first, unsigned order) {
  if (order >= 64 || first.value() & ((1ull << order) - 1)) {
    return Error{ErrorCode::InvalidArgument, "free: expected a frame aligned to 2^" + std::to_string(order) +
                                                 " frames, got frame " + std::to_string(first.value())};
  }
  return free_run(first, 1ull << order);
}

Status BitmapAllocator::free_run(FrameIndex first, std::uint64_t count) {
  PW_TRY(check_count(count));
  const bool all_allocated =
      !first_foreign(first, count) && bitmap_.next_free(first.value()) - first.value() >= count;
  if (!all_allocated) return refuse_free(first, count);
  bitmap_.set_run_free(first.value(), count);
  free_count_ += count;
  return Done{};
}

}  // namespace pw::phys
