// SPDX-License-Identifier: MIT
// Aging (Tanenbaum, Modern Operating Systems): an 8-bit counter a page; at every tick it is shifted right
// and the reference bit comes in at the left, so it remembers eight ticks; the page with the least counter
// leaves, of several the one that has had it for the longest time. A loaded page counts as referenced.
//
// A tick comes every `interval` faults and is O(frames); the pages stand in one queue for each counter.
#pragma once

#include <algorithm>
#include <array>

#include "base/param.h"
#include "policy/frame_classes.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Aging {
 public:
  static constexpr PolicyInfo info{.name = "aging",
                                   .family = Family::Recency,
                                   .observes = Observes::AccessedBits,
                                   .summary = "counters that shift reference bits in, tick by tick"};
  struct Params {
    static constexpr std::array kSpecs = {
        ParamSpec{.name = "interval",
                  .default_value = 0,
                  .minimum = 0,
                  .maximum = 4294967295.0,
                  .unit = "faults",
                  .summary = "between two ticks; 0: an eighth of the frames, at least 1"}};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t interval = 0;
  };

  Aging(const PolicyContext& context, Params params)
      : counters_(context.frames),
        bits_(context),
        interval_(params.interval != 0 ? params.interval : std::max<std::uint64_t>(1, context.capacity / 8)) {
  }

  void on_insert(const Resident& page, Arrival) {
    bits_.reset(page.frame);
    counters_.push(kReferenced, page.frame);
    if (++faults_ % interval_ == 0) tick();
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure) { counters_.remove(page.frame); }

  FrameIndex choose_victim() { return counters_.oldest(counters_.lowest()); }

 private:
  static constexpr std::uint8_t kReferenced = 0x80;

  // Queue by queue from the least counter, each from its oldest page. Where a page goes to a queue that is
  // still to come, it stands behind the pages that were there, which all move on before its turn.
  void tick() {
    for (std::size_t counter = 0; counter < 256; ++counter)
      for (std::uint64_t left = counters_.size(counter) - arrived_[counter]; left > 0; --left)
        shift(counter, counters_.oldest(counter));
    arrived_.fill(0);
  }
  void shift(std::size_t counter, FrameIndex frame) {
    const auto shifted = static_cast<std::uint8_t>(counter >> 1 | (bits_.test_and_clear(frame) ? 0x80 : 0));
    counters_.move(frame, shifted);
    ++arrived_[shifted];
  }

  FrameClasses<256> counters_;
  ReferenceBits bits_;
  std::uint64_t interval_;
  std::uint64_t faults_ = 0;
  std::array<std::uint64_t, 256> arrived_{};  // in this tick, by counter
};

}  // namespace pw::policy
