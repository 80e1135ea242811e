// SPDX-License-Identifier: MIT
// References on their way to a policy that counts them, as runs and in spans.
#pragma once

#include <array>
#include <cstdint>

#include "base/check.h"
#include "policy/replacement/policy.h"

namespace pw::machine {

class TouchLog {
 public:
  TouchLog() = default;
  TouchLog(const TouchLog&) = delete;
  TouchLog& operator=(const TouchLog&) = delete;

  // REQUIRES: the policy outlives the log.
  void deliver_to(policy::ReplacementPolicy& policy) { policy_ = &policy; }
  // One more reference in a row, or the first of another run. The last run may go on, full as the log is.
  PW_ALWAYS_INLINE void extend_run(std::uint64_t frame) {
    if (next_ != touches_.data() && next_[-1].frame.value() == frame) {
      ++next_[-1].value;
      return;
    }
    if (is_full()) [[unlikely]]
      deliver();
    *next_++ = {FrameIndex(frame), 1};
  }
  void deliver() {
    if (next_ != touches_.data()) policy_->on_touches({touches_.data(), next_});
    next_ = touches_.data();
  }

 private:
  static constexpr std::size_t kCapacity = 64;  // small enough to stay in the first-level data cache

  bool is_full() const { return next_ == touches_.data() + kCapacity; }

  policy::ReplacementPolicy* policy_ = nullptr;
  std::array<policy::Touch, kCapacity> touches_;
  policy::Touch* next_ = touches_.data();
};

}  // namespace pw::machine
