// SPDX-License-Identifier: MIT
// WSClock (Carr and Hennessy, SOSP 1981): a clock whose hand notes when it saw a page referenced and evicts
// the first clean page that has left the working set, unused for more than `tau` references. Failing that a
// dirty one that has left it, failing that the page whose use lies furthest back. The hand looks at `scan`
// pages for a fault at most: where all pages are in the working set, the original would go all around.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class WsClock {
 public:
  static constexpr PolicyInfo info{.name = "wsclock",
                                   .family = Family::WorkingSet,
                                   .observes = Observes::AccessedBits,
                                   .summary = "clock that evicts what has left the working set"};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "tau",
                                                    .default_value = 100'000,
                                                    .minimum = 1,
                                                    .maximum = 1e15,
                                                    .unit = "references",
                                                    .summary = "window of the working set"},
                                          ParamSpec{.name = "scan",
                                                    .default_value = 128,
                                                    .minimum = 1,
                                                    .maximum = 4294967295.0,
                                                    .unit = "pages",
                                                    .summary = "that the hand looks at for a fault at most"}};
    static Params of(const ParamValues& values) {
      return {static_cast<std::uint64_t>(values.integer(0)), static_cast<std::uint64_t>(values.integer(1))};
    }

    std::uint64_t tau = 100'000;
    std::uint64_t scan = 128;
  };

  WsClock(const PolicyContext& context, Params params)
      : ring_(context.frames),
        last_use_(context.frames),
        bits_(context),
        dirty_bits_(context.dirty_bits),
        tau_(params.tau),
        scan_(params.scan) {}

  void on_fault(VirtPage, std::uint64_t time) { now_ = std::max(now_, time); }
  void on_insert(const Resident& page, Arrival) {
    ring_.push_youngest(page.frame);
    last_use_[page.frame.value()] = now_;
    bits_.reset(page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure) {
    ring_.remove(page.frame);
    victim_.reset();
  }

  // The hand is at the oldest page; what it passes becomes the youngest.
  FrameIndex choose_victim() {
    if (victim_) return *victim_;
    std::optional<FrameIndex> dirty;
    FrameIndex least = ring_.oldest();
    for (std::uint64_t left = std::min(scan_, ring_.size()); left > 0; --left) {
      const FrameIndex frame = ring_.oldest();
      std::uint64_t& last = last_use_[frame.value()];
      if (bits_.test_and_clear(frame)) {
        last = now_;
      } else if (now_ - last > tau_) {
        if (!(dirty_bits_ && dirty_bits_->test(frame))) return *(victim_ = frame);
        if (!dirty) dirty = frame;
      }
      if (last < last_use_[least.value()]) least = frame;
      ring_.move_to_youngest(frame);
    }
    return *(victim_ = dirty.value_or(least));
  }

 private:
  FrameList ring_;
  LazyArray<std::uint64_t> last_use_;  // when the hand saw it, or the page was loaded
  ReferenceBits bits_;
  DirtyBits* dirty_bits_;
  std::uint64_t tau_;
  std::uint64_t scan_;
  std::optional<FrameIndex> victim_;  // chosen, and not removed yet
  std::uint64_t now_ = 0;
};

}  // namespace pw::policy
