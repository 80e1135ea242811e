// SPDX-License-Identifier: MIT
// 2Q, full version (Johnson and Shasha, VLDB 1994): new pages stay in a FIFO queue (Ain) for a while;
// those that come back after they left it (their ghosts are in Aout) are taken into an LRU queue (Am).
// References to a page in Ain change nothing: they are taken for one use.
//
// Ghosts: `out` times the frames, 32 to 48 bytes each.
#pragma once

#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
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
      : queues_(context.frames),
        queue_of_(context.frames),
        out_(share(params.out, context.capacity)),
        in_limit_(share(params.in, context.capacity)) {}

  void on_fault(VirtPage page, std::uint64_t) { came_back_ = out_.remove(page); }
  void on_insert(Resident page, Arrival) {
    const std::uint8_t queue = came_back_ ? kMain : kIn;
    queue_of_[page.frame.value()] = queue;
    queues_.push_youngest(queue, page.frame);
    came_back_ = false;
  }
  void on_access(FrameIndex frame, std::uint32_t) {
    if (queue_of_[frame.value()] == kMain) queues_.move_to_youngest(kMain, frame);
  }
  void on_remove(Resident page, Departure departure) {
    const std::uint8_t queue = queue_of_[page.frame.value()];
    queues_.remove(queue, page.frame);
    if (queue == kIn && departure == Departure::Evicted) out_.push(page.page);
  }
  FrameIndex choose_victim() {
    const bool from_in = queues_.size(kIn) > in_limit_ || queues_.is_empty(kMain);
    return queues_.oldest(from_in ? kIn : kMain);
  }

 private:
  static constexpr std::uint8_t kIn = 0;
  static constexpr std::uint8_t kMain = 1;

  FrameLists<2> queues_;
  LazyArray<std::uint8_t> queue_of_;
  GhostList<> out_;
  std::uint64_t in_limit_;
  bool came_back_ = false;
};

}  // namespace pw::policy
