// SPDX-License-Identifier: MIT
// Pages by their last use, each with a stamp of it that only grows: 16 bytes a page. With hardware observation a use shows as an
// Accessed bit, which is looked at when the page comes up as the oldest; it then counts as used now.
#pragma once

#include <cstdint>

#include "base/lazy_array.h"
#include "policy/frame_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class UseQueue {
 public:
  explicit UseQueue(const PolicyContext& context)
      : queue_(context.frames), stamps_(context.frames), accessed_bits_(context.accessed_bits) {}

  std::uint64_t stamp(FrameIndex frame) const { return stamps_[frame.value()]; }
  void insert(FrameIndex frame, std::uint64_t stamp) {
    stamps_[frame.value()] = stamp;
    queue_.push_youngest(frame);
  }
  void use(FrameIndex frame, std::uint64_t stamp) {
    stamps_[frame.value()] = stamp;
    queue_.move_to_youngest(frame);
  }
  void remove(FrameIndex frame) { queue_.remove(frame); }

  // Whether a page was last used before a stamp.
  bool has_older(std::uint64_t than, std::uint64_t now) {
    while (!queue_.is_empty() && stamp(queue_.oldest()) < than) {
      if (!was_used_unseen(queue_.oldest())) return true;
      use(queue_.oldest(), now);
    }
    return false;
  }
  // REQUIRES: there is a page.
  FrameIndex oldest(std::uint64_t now) {
    while (was_used_unseen(queue_.oldest())) use(queue_.oldest(), now);
    return queue_.oldest();
  }

 private:
  bool was_used_unseen(FrameIndex frame) { return accessed_bits_ && accessed_bits_->test_and_clear(frame); }

  FrameList queue_;
  LazyArray<std::uint64_t> stamps_;
  AccessedBits* accessed_bits_;
};

}  // namespace pw::policy
