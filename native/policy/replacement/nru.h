// SPDX-License-Identifier: MIT
// NRU, not recently used (Tanenbaum, Modern Operating Systems): pages fall into four classes, not referenced
// before referenced and in both clean before dirty; a page of the lowest class leaves, the one that has been
// in it for the longest time. Every `interval` faults all count as not referenced again, which is O(frames).
//
// A page stands in the queue of the class in which it was last found and moves on when it comes up and
// turns out to be in a higher one.
#pragma once

#include <array>

#include "base/param.h"
#include "policy/frame_classes.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Nru {
 public:
  static constexpr PolicyInfo info{.name = "nru",
                                   .family = Family::Recency,
                                   .observes = Observes::AccessedBits,
                                   .summary = "evicts one not referenced lately, clean ones first"};
  struct Params {
    static constexpr std::array kSpecs = {
        ParamSpec{.name = "interval",
                  .default_value = 0,
                  .minimum = 0,
                  .maximum = 4294967295.0,
                  .unit = "faults",
                  .summary = "after which reference bits are cleared; 0: as many as there are frames"}};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t interval = 0;
  };

  Nru(const PolicyContext& context, Params params)
      : classes_(context.frames),
        bits_(context),
        dirty_bits_(context.dirty_bits),
        interval_(params.interval != 0 ? params.interval : context.capacity) {}

  void on_insert(const Resident& page, Arrival) {
    bits_.reset(page.frame);
    classes_.push(0, page.frame);
    if (++faults_ % interval_ == 0) clear();
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure) { classes_.remove(page.frame); }

  FrameIndex choose_victim() {
    for (;;) {
      const std::uint8_t lowest = classes_.lowest();
      const FrameIndex candidate = classes_.oldest(lowest);
      const std::uint8_t found = classify(candidate, lowest);
      if (found == lowest) return candidate;
      classes_.move(candidate, found);
    }
  }

 private:
  static constexpr std::uint8_t kDirty = 1;
  static constexpr std::uint8_t kReferenced = 2;

  // Classes only rise until the next clearing.
  std::uint8_t classify(FrameIndex frame, std::uint8_t known) {
    if (bits_.test_and_clear(frame)) known |= kReferenced;
    if (dirty_bits_ && dirty_bits_->test(frame)) known |= kDirty;
    return known;
  }
  void clear() {
    for (std::uint8_t from = 0; from < 4; ++from)
      for (std::uint64_t left = classes_.size(from); left > 0; --left) {
        const FrameIndex frame = classes_.oldest(from);
        bits_.test_and_clear(frame);
        classes_.move(frame, 0);
      }
  }

  FrameClasses<4> classes_;
  ReferenceBits bits_;
  DirtyBits* dirty_bits_;
  std::uint64_t interval_;
  std::uint64_t faults_ = 0;
};

}  // namespace pw::policy
