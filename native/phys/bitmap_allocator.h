// SPDX-License-Identifier: MIT
// The bitmap allocator: lowest (or highest) free frame first, over a hierarchical bitmap.
// A single frame costs O(1) mostly and O(levels) at worst; an aligned run of 64 frames or more costs a
// scan of one bit per 64 (4096, …) frames. It keeps one bit a frame and knows nothing of runs, unlike a
// buddy allocator: no splitting, no merging, and free() of any part of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "phys/frame_allocator.h"
#include "phys/frame_bitmap.h"
#include "phys/memory_map.h"

namespace pw::phys {

class BitmapAllocator final : public FrameAllocator {
 public:
  explicit BitmapAllocator(const MemoryMap& map);

  MaybeFrame allocate(unsigned order = 0, End end = End::Low) override {
    if (order != 0) return allocate_aligned(order, end);
    return end == End::Low ? take<End::Low>() : take<End::High>();
  }
  MaybeFrame allocate_run(std::uint64_t count, std::uint64_t alignment, End end = End::Low) override;
  Status allocate_at(FrameIndex first, std::uint64_t count = 1) override;

  Status free(FrameIndex first, unsigned order = 0) override {
    if (order != 0) return free_aligned(first, order);
    if (is_foreign(first) || !bitmap_.is_used(first.value())) [[unlikely]]
      return refuse_free(first, 1);
    bitmap_.set_free(first.value());
    ++free_count_;
    return Done{};
  }
  Status free_run(FrameIndex first, std::uint64_t count) override;

  bool is_free(FrameIndex frame) const override {
    return frame.value() < frames() && !bitmap_.is_used(frame.value());
  }
  std::uint64_t usable_frames() const override { return usable_; }
  std::uint64_t free_count() const override { return free_count_; }
  std::uint64_t frames() const override { return bitmap_.frames(); }
  std::vector<std::string> validate() const override;

 private:
  bool is_foreign(FrameIndex frame) const {
    return frame.value() >= frames() || (!reserved_.empty() && is_reserved(frame));
  }
  bool is_reserved(FrameIndex frame) const;
  // The first of the frames that this allocator does not manage.
  std::optional<FrameIndex> first_foreign(FrameIndex first, std::uint64_t count) const;

  template <End kEnd>
  PW_ALWAYS_INLINE MaybeFrame take() {
    std::uint64_t frame = 0;
    if (!bitmap_.take<kEnd>(frame)) [[unlikely]]
      return std::nullopt;
    --free_count_;
    return FrameIndex(frame);
  }
  MaybeFrame allocate_aligned(unsigned order, End end);
  MaybeFrame take_run(std::optional<std::uint64_t> first, std::uint64_t count);
  Status free_aligned(FrameIndex first, unsigned order);
  // Says why; REQUIRES: the frames cannot be freed.
  PW_NOINLINE Error refuse_free(FrameIndex first, std::uint64_t count) const;
  Error foreign(FrameIndex frame, const char* what) const;

  FrameBitmap bitmap_;
  std::vector<FrameRange> reserved_;  // in order
  std::uint64_t usable_;
  std::uint64_t free_count_;
};

}  // namespace pw::phys
