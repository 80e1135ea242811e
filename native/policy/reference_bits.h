// SPDX-License-Identifier: MIT
// One bit a frame: was its page referenced since someone last looked? With exact observation the policy
// sets the bits from the references it is told of; with hardware observation they are the Accessed bits.
#pragma once

#include <cstdint>

#include "base/lazy_array.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class ReferenceBits {
 public:
  explicit ReferenceBits(const PolicyContext& context)
      : bits_(context.frames), accessed_bits_(context.accessed_bits) {}

  bool is_hardware() const { return accessed_bits_ != nullptr; }
  void set(FrameIndex frame) { bits_[frame.value()] = 1; }
  // Of a page that was just loaded.
  void reset(FrameIndex frame) { bits_[frame.value()] = 0; }
  bool test_and_clear(FrameIndex frame) {
    if (accessed_bits_) return accessed_bits_->test_and_clear(frame);
    std::uint8_t& bit = bits_[frame.value()];
    const bool was_set = bit != 0;
    bit = 0;
    return was_set;
  }

 private:
  LazyArray<std::uint8_t> bits_;
  AccessedBits* accessed_bits_;
};

}  // namespace pw::policy
