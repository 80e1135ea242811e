// SPDX-License-Identifier: MIT
// Aging (Tanenbaum, Modern Operating Systems): an 8-bit counter a page; at every tick it is shifted right
// and the reference bit comes in at the left, so it remembers eight ticks; the page with the least counter
// leaves, of several the one that has had it for the longest time. A loaded page counts as referenced.
//
// A tick comes every `interval` faults and is O(frames); the pages stand in one queue for each counter.
#pragma once

#include <algorithm>
#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
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
      : queues_(context.frames),
        counters_(context.frames),
        bits_(context),
        interval_(params.interval != 0 ? params.interval : std::max<std::uint64_t>(1, context.capacity / 8)) {
  }

  void on_insert(Resident page, Arrival) {
    bits_.reset(page.frame);
    push(kReferenced, page.frame);
    if (++faults_ % interval_ == 0) tick();
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(Resident page, Departure) { queues_.remove(counters_[page.frame.value()], page.frame); }

  FrameIndex choose_victim() {
    std::size_t counter = 0;
    while (queues_.is_empty(counter)) ++counter;
    return queues_.oldest(counter);
  }

 private:
  static constexpr std::uint8_t kReferenced = 0x80;

  void push(std::uint8_t counter, FrameIndex frame) {
    counters_[frame.value()] = counter;
    queues_.push_youngest(counter, frame);
  }
  // Queue by queue from the least counter, each from its oldest page. Where a page goes to a queue that is
  // still to come, it stands behind the pages that were there, which all move on before its turn.
  void tick() {
    for (std::size_t counter = 0; counter < 256; ++counter)
      for (std::uint64_t left = queues_.size(counter) - arrived_[counter]; left > 0; --left)
        shift(counter, queues_.oldest(counter));
    arrived_.fill(0);
  }
  void shift(std::size_t counter, FrameIndex frame) {
    const auto shifted = static_cast<std::uint8_t>(counter >> 1 | (bits_.test_and_clear(frame) ? 0x80 : 0));
    queues_.remove(counter, frame);
    push(shifted, frame);
    ++arrived_[shifted];
  }

  FrameLists<256> queues_;  // by counter
  LazyArray<std::uint8_t> counters_;
  ReferenceBits bits_;
  std::uint64_t interval_;
  std::uint64_t faults_ = 0;
  std::array<std::uint64_t, 256> arrived_{};  // in this tick, by counter
};

}  // namespace pw::policy
