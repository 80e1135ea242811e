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

  // For times of uses: the log is never left full.
  void push(FrameIndex frame, std::uint64_t value) {
    if (fills(frame, value)) deliver();
  }
  // The same, which leaves delivering to the caller: true if the log is full.
  PW_ALWAYS_INLINE bool fills(FrameIndex frame, std::uint64_t value) {
    PW_DCHECK(size_ < touches_.size());
    touches_[size_++] = {frame, value};
    return size_ == touches_.size();
  }
  // For references: one more in a row, or the first of another run. The last run may go on, full as the log is.
  PW_ALWAYS_INLINE void extend_run(std::uint64_t frame) {
    if (size_ != 0 && touches_[size_ - 1].frame.value() == frame) {
      ++touches_[size_ - 1].value;
      return;
    }
    if (size_ == touches_.size()) [[unlikely]]
      deliver();
    touches_[size_++] = {FrameIndex(frame), 1};
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
