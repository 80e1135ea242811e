// SPDX-License-Identifier: MIT
// Second chance: FIFO that looks at the oldest page's reference bit; a page that was referenced loses the
// bit and goes to the end (Tanenbaum, Modern Operating Systems). `enhanced` looks at Dirty bits as well, as
// the Macintosh did (Silberschatz, Operating System Concepts): of the pages not referenced, a clean one
// leaves before a dirty one, if there is one in the whole queue; that search is O(frames).
#pragma once

#include <array>

#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class SecondChance {
 public:
  static constexpr PolicyInfo info{.name = "second-chance",
                                   .family = Family::Recency,
                                   .observes = Observes::AccessedBits,
                                   .summary = "FIFO that gives referenced pages another round"};
  struct Params {
    static constexpr std::array kSpecs = {
        ParamSpec{.name = "loaded",
                  .default_value = 0,
                  .minimum = 0,
                  .maximum = 1,
                  .unit = "",
                  .summary = "reference bit of a page just loaded, with exact observation"},
        ParamSpec{.name = "enhanced",
                  .default_value = 0,
                  .minimum = 0,
                  .maximum = 1,
                  .unit = "",
                  .summary = "1: clean pages leave before dirty ones"}};
    static Params of(const ParamValues& values) { return {values.integer(0) != 0, values.integer(1) != 0}; }

    bool loaded = false;
    bool enhanced = false;
  };

  SecondChance(const PolicyContext& context, Params params)
      : queue_(context.frames),
        bits_(context),
        dirty_bits_(params.enhanced ? context.dirty_bits : nullptr),
        loaded_(params.loaded) {}

  void on_insert(const Resident& page, Arrival) {
    queue_.push_youngest(page.frame);
    bits_.reset(page.frame);
    if (loaded_) bits_.set(page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure) { queue_.remove(page.frame); }

  FrameIndex choose_victim() {
    std::uint64_t dirty_passed = 0;
    for (;;) {
      const FrameIndex candidate = queue_.oldest();
      const bool referenced = bits_.test_and_clear(candidate);
      if (!referenced && !(dirty_bits_ && dirty_bits_->test(candidate) && dirty_passed++ < queue_.size()))
        return candidate;
      queue_.move_to_youngest(candidate);
    }
  }

 private:
  FrameList queue_;
  ReferenceBits bits_;
  DirtyBits* dirty_bits_;
  bool loaded_;
};

}  // namespace pw::policy
