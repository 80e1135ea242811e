// SPDX-License-Identifier: MIT
// A frame or none, in one word: std::optional takes two, of which the second is half written when a caller copies
// both, so that the host's copy waits for the stores.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/check.h"

namespace pw::phys {

// To be used like an optional.
class MaybeFrame {
 public:
  constexpr MaybeFrame() = default;
  constexpr MaybeFrame(std::nullopt_t) {}
  constexpr MaybeFrame(FrameIndex frame) : value_(frame.value()) {}

  constexpr bool has_value() const { return value_ != kNone; }
  constexpr explicit operator bool() const { return has_value(); }
  // REQUIRES: there is one.
  constexpr FrameIndex operator*() const {
    PW_DCHECK(has_value());
    return FrameIndex(value_);
  }
  friend constexpr bool operator==(MaybeFrame, MaybeFrame) = default;
  constexpr operator std::optional<FrameIndex>() const {
    return has_value() ? std::optional(FrameIndex(value_)) : std::nullopt;
  }

 private:
  static constexpr std::uint64_t kNone = ~0ull;  // frame numbers have 40 bits

  std::uint64_t value_ = kNone;
};

}  // namespace pw::phys
