// SPDX-License-Identifier: MIT
// S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023): a small FIFO that
// filters pages used once, a main FIFO with reinsertion, and a ghost FIFO of what the small one evicted;
// a page that comes back while its ghost is there goes to the main queue at once.
//
// Where the frames have never been full yet, the variant of 2024 (the authors' simulator since
// October 2024) loads pages that find the small queue full into the main one.
// Ghosts: `ghost` times the frames, 24 to 53 bytes each.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class S3Fifo {
 public:
  static constexpr PolicyInfo info{
      .name = "s3-fifo",
      .family = Family::Adaptive,
      .observes = Observes::AccessedBits,
      .summary = "a small FIFO filters pages used once, a main FIFO reinserts, a ghost FIFO remembers",
      .aliases = {"s3fifo"}};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "small",
                                                    .default_value = 0.1,
                                                    .minimum = 0,
                                                    .maximum = 1,
                                                    .unit = "of the frames",
                                                    .summary = "size of the small queue",
                                                    .type = ParamType::Real,
                                                    .alias = "fifo-size-ratio"},
                                          ParamSpec{.name = "ghost",
                                                    .default_value = 0.9,
                                                    .minimum = 0,
                                                    .maximum = 8,
                                                    .unit = "of the frames",
                                                    .summary = "ghosts that are remembered",
                                                    .type = ParamType::Real,
                                                    .alias = "ghost-size-ratio"},
                                          ParamSpec{.name = "threshold",
                                                    .default_value = 2,
                                                    .minimum = 1,
                                                    .maximum = 255,
                                                    .unit = "uses",
                                                    .summary = "that take a page to the main queue",
                                                    .alias = "move-to-main-threshold"}};
    static Params of(const ParamValues& values) {
      return {values.real(0), values.real(1), static_cast<std::uint8_t>(values.integer(2))};
    }

    double small = 0.1;
    double ghost = 0.9;
    std::uint8_t threshold = 2;
  };

  S3Fifo(const PolicyContext& context, Params params) : S3Fifo(context, params, Filling::Small) {}

  PW_ALWAYS_INLINE void prefetch(VirtPage page) const { ghosts_.prefetch(page); }
  void on_fault(VirtPage page, std::uint64_t) { came_back_ = ghosts_.remove(page); }
  void on_insert(const Resident& page, Arrival) {
    const bool overflows = filling_ == Filling::Both && queues_.size(kSmall) >= small_limit_;
    push(came_back_ || overflows ? kMain : kSmall, page.frame);
    came_back_ = false;
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    std::uint8_t& uses = uses_[frame.value()];
    if (uses == most_uses_) [[likely]]  // a branch, for a store would delay the next look
      return;
    uses = static_cast<std::uint8_t>(std::min<std::uint64_t>(most_uses_, std::uint64_t{uses} + count));
  }
  void on_remove(const Resident& page, Departure departure) {
    const std::uint8_t queue = queue_of_[page.frame.value()];
    queues_.remove(queue, page.frame);
    searched_.reset();
    if (departure != Departure::Evicted) return;
    filling_ = Filling::Small;
    if (queue == kSmall) ghosts_.push(page.page);
  }
  // One queue is searched until it gives a page, or the small one is empty.
  FrameIndex choose_victim() {
    for (;;) {
      if (!searched_ || queues_.is_empty(*searched_))
        searched_ = queues_.size(kMain) > main_limit_ || queues_.is_empty(kSmall) ? kMain : kSmall;
      const FrameIndex candidate = queues_.oldest(*searched_);
      if (accessed_bits_ && accessed_bits_->test_and_clear(candidate)) on_access(candidate, 1);
      if (uses_[candidate.value()] < (searched_ == kMain ? 1 : threshold_)) return candidate;
      pass_over(candidate);
    }
  }

 protected:
  // Where pages go that find the small queue full before anything was evicted.
  enum class Filling : std::uint8_t { Small, Both };

  S3Fifo(const PolicyContext& context, Params params, Filling filling)
      : queues_(context.frames),
        queue_of_(context.frames),
        uses_(context.frames),
        ghosts_(share(params.ghost, context.capacity), context),
        accessed_bits_(context.accessed_bits),
        small_limit_(share(params.small, context.capacity)),
        main_limit_(context.capacity - small_limit_),
        threshold_(params.threshold),
        most_uses_(std::max(params.threshold, kPasses)),
        filling_(filling) {}

 private:
  static constexpr std::uint8_t kSmall = 0;
  static constexpr std::uint8_t kMain = 1;
  static constexpr std::uint8_t kPasses = 3;  // that uses buy a page in the main queue, at most

  void pass_over(FrameIndex frame) {
    if (searched_ == kMain) {
      std::uint8_t& uses = uses_[frame.value()];
      uses = static_cast<std::uint8_t>(std::min(uses, kPasses) - 1);
      queues_.move_to_youngest(kMain, frame);
    } else {
      queues_.remove(kSmall, frame);
      push(kMain, frame);
    }
  }
  void push(std::uint8_t queue, FrameIndex frame) {
    queue_of_[frame.value()] = queue;
    uses_[frame.value()] = 0;
    queues_.push_youngest(queue, frame);
  }

  FrameLists<2> queues_;
  LazyArray<std::uint8_t> queue_of_;
  LazyArray<std::uint8_t> uses_;  // since the page was loaded, or the main queue reinserted it
  GhostList<> ghosts_;
  AccessedBits* accessed_bits_;
  std::uint64_t small_limit_;
  std::uint64_t main_limit_;
  std::uint8_t threshold_;
  std::uint8_t most_uses_;  // that make a difference
  Filling filling_;
  bool came_back_ = false;
  std::optional<std::uint8_t> searched_;  // the queue that the next victim comes from, once that is decided
};

class S3Fifo2024 : public S3Fifo {
 public:
  static constexpr PolicyInfo info{.name = "s3-fifo-2024",
                                   .family = Family::Adaptive,
                                   .observes = Observes::AccessedBits,
                                   .summary = "S3-FIFO that fills both queues before its first eviction",
                                   .aliases = {"s3fifo-2024"}};
  S3Fifo2024(const PolicyContext& context, Params params) : S3Fifo(context, params, Filling::Both) {}
};

}  // namespace pw::policy
