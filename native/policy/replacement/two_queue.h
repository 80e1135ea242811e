// SPDX-License-Identifier: MIT
// 2Q, full version (Johnson and Shasha, VLDB 1994): new pages stay in a FIFO queue (Ain) for a while;
// those that come back after they left it (their ghosts are in Aout) are taken into an LRU queue (Am).
// References to a page in Ain change nothing: they are taken for one use.
//
// Ghosts: `out` times the frames, 24 to 53 bytes each.
#pragma once

#include <array>

#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/recency_order.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class TwoQueue {
 public:
  static constexpr PolicyInfo info{.name = "two-queue",
                                   .family = Family::Adaptive,
                                   .observes = Observes::References,
                                   .summary = "2Q: a FIFO for new pages, an LRU for those that came back",
                                   .aliases = {"2q", "twoq"}};
  struct Params {
    static constexpr std::array kSpecs = {
        ParamSpec{.name = "in",
                  .default_value = 0.25,
                  .minimum = 0,
                  .maximum = 1,
                  .unit = "of the frames",
                  .summary = "pages that the FIFO for new pages keeps (Kin)",
                  .type = ParamType::Real,
                  .alias = "Ain-size-ratio"},
        ParamSpec{.name = "out",
                  .default_value = 0.5,
                  .minimum = 0,
                  .maximum = 8,
                  .unit = "of the frames",
                  .summary = "ghosts of pages that left it (Kout)",
                  .type = ParamType::Real,
                  .alias = "Aout-size-ratio"}};
    static Params of(const ParamValues& values) { return {values.real(0), values.real(1)}; }

    double in = 0.25;
    double out = 0.5;
  };

  TwoQueue(const PolicyContext& context, Params params)
      : in_(context.frames),
        main_(context.frames),
        out_(share(params.out, context.capacity), context),
        in_limit_(share(params.in, context.capacity)) {}

  PW_ALWAYS_INLINE void prefetch(VirtPage page) const { out_.prefetch(page); }
  void on_fault(VirtPage page, std::uint64_t) { came_back_ = out_.remove(page); }
  void on_insert(const Resident& page, Arrival) {
    if (came_back_)
      main_.insert(page.frame);
    else
      in_.push_youngest(page.frame);
    came_back_ = false;
  }
  void on_access(FrameIndex frame, std::uint32_t) {
    if (main_.contains(frame)) main_.use(frame);
  }
  void on_remove(const Resident& page, Departure departure) {
    if (main_.contains(page.frame)) return main_.remove(page.frame);
    in_.remove(page.frame);
    if (departure == Departure::Evicted) out_.push(page.page);
  }
  FrameIndex choose_victim() {
    return in_.size() > in_limit_ || main_.is_empty() ? in_.oldest() : main_.oldest();
  }

 private:
  FrameList in_;
  RecencyOrder main_;
  GhostList<> out_;
  std::uint64_t in_limit_;
  bool came_back_ = false;
};

}  // namespace pw::policy
