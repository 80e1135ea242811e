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
  TouchLog() = default;
  TouchLog(const TouchLog&) = delete;
  TouchLog& operator=(const TouchLog&) = delete;

  // REQUIRES: the policy outlives the log.
  void deliver_to(policy::ReplacementPolicy& policy) {
    policy_ = &policy;
    if (const policy::UseRecords records = policy.use_records(); records.first != nullptr) records_ = records;
  }

  // For times of uses: the log is never left full.
  void push(FrameIndex frame, std::uint64_t value) {
    if (fills(frame, value)) deliver();
  }
  // The same, which leaves delivering to the caller: true if the log is full.
  PW_ALWAYS_INLINE bool fills(FrameIndex frame, std::uint64_t value) {
    PW_DCHECK(!is_full());
    PW_PREFETCH(records_.first + frame.value() * records_.bytes);
    next_->frame = frame;
    next_->value = value;
    ++next_;
    return is_full();
  }
  // For references: one more in a row, or the first of another run. The last run may go on, full as the log is.
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
  policy::UseRecords records_{reinterpret_cast<const std::byte*>(touches_.data()), 0};  // or nothing far away
};

}  // namespace pw::machine
