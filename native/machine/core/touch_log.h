// SPDX-License-Identifier: MIT
// Uses of pages on their way to the policy, delivered in spans.
#pragma once

#include <array>
#include <cstdint>

#include "base/check.h"
#include "policy/replacement/policy.h"

namespace pw::machine {

class TouchLog {
 public:
  // REQUIRES: the policy outlives the log.
  void deliver_to(policy::ReplacementPolicy& policy) { policy_ = &policy; }

  void push(FrameIndex frame, std::uint64_t value) {
    if (size_ == touches_.size()) [[unlikely]]
      deliver();
    touches_[size_++] = {frame, value};
  }
  // One more reference in a row, or the first of another run.
  PW_ALWAYS_INLINE void extend_run(std::uint64_t frame) {
    if (size_ != 0 && touches_[size_ - 1].frame.value() == frame)
      ++touches_[size_ - 1].value;
    else
      push(FrameIndex(frame), 1);
  }
  void deliver() {
    if (size_ != 0) policy_->on_touches({touches_.data(), size_});
    size_ = 0;
  }

 private:
  static constexpr std::size_t kCapacity = 64;  // small enough to stay in the first-level data cache

  policy::ReplacementPolicy* policy_ = nullptr;
  std::size_t size_ = 0;
  std::array<policy::Touch, kCapacity> touches_;
};

}  // namespace pw::machine
