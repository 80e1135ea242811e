// SPDX-License-Identifier: MIT
// Segmented LRU (Karedla, Love, Wherry, IEEE Computer 1994): LRU segments of equal size; a hit takes a
// page one segment up, and a segment that holds too many gives its least recently used page one down.
// The lowest takes new pages beyond its size while there are frames, and gives them up as soon as a page is
// moved down into it.
#pragma once

#include <algorithm>
#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/recency_order.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Slru {
 public:
  static constexpr PolicyInfo info{.name = "slru",
                                   .family = Family::Recency,
                                   .observes = Observes::References,
                                   .summary = "LRU segments; a hit takes a page one segment up"};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "segments",
                                                    .default_value = 4,
                                                    .minimum = 1,
                                                    .maximum = 16,
                                                    .unit = "segments",
                                                    .summary = "into which the frames are divided evenly",
                                                    .alias = "n-seg"}};
    static Params of(const ParamValues& values) { return {static_cast<std::size_t>(values.integer(0))}; }

    std::size_t segments = 4;
  };

  Slru(const PolicyContext& context, Params params)
      : lower_(context.frames),
        top_(context.frames),
        segment_of_(context.frames),
        top_segment_(params.segments - 1),
        limit_(std::max<std::uint64_t>(1, context.capacity / params.segments)) {}

  void on_insert(const Resident& page, Arrival) {
    std::size_t segment = 0;
    while (segment <= top_segment_ && size(segment) >= limit_) ++segment;
    push(segment <= top_segment_ ? segment : 0, page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    std::size_t segment = segment_of_[frame.value()];
    if (segment == top_segment_) [[likely]]
      return top_.use(frame);
    for (; count > 0 && segment < top_segment_; --count) promote(frame, segment++);
    if (count > 0) top_.use(frame);
  }
  void on_remove(const Resident& page, Departure) {
    remove(segment_of_[page.frame.value()], page.frame);
    if (size(0) <= limit_) is_trimming_ = false;
  }
  bool gives_up(std::uint64_t) const { return is_trimming_; }
  FrameIndex choose_victim() {
    std::size_t segment = 0;
    while (size(segment) == 0) ++segment;
    return oldest(segment);
  }

 private:
  std::uint64_t size(std::size_t segment) const {
    return segment == top_segment_ ? top_.size() : lower_.size(segment);
  }
  FrameIndex oldest(std::size_t segment) {
    return segment == top_segment_ ? top_.oldest() : lower_.oldest(segment);
  }
  void push(std::size_t segment, FrameIndex frame) {
    segment_of_[frame.value()] = static_cast<std::uint8_t>(segment);
    if (segment == top_segment_)
      top_.insert(frame);
    else
      lower_.push_youngest(segment, frame);
  }
  void remove(std::size_t segment, FrameIndex frame) {
    if (segment == top_segment_)
      top_.remove(frame);
    else
      lower_.remove(segment, frame);
  }
  // The segment that was left has room for what comes down, but for the lowest.
  void promote(FrameIndex frame, std::size_t from) {
    remove(from, frame);
    push(from + 1, frame);
    if (size(from + 1) <= limit_) return;
    const FrameIndex demoted = oldest(from + 1);
    remove(from + 1, demoted);
    push(from, demoted);
    is_trimming_ = is_trimming_ || (from == 0 && size(0) > limit_);
  }

  FrameLists<15> lower_;  // 0: the lowest; a page that is used leaves, so they are in the order of uses
  RecencyOrder top_;
  LazyArray<std::uint8_t> segment_of_;
  std::size_t top_segment_;
  std::uint64_t limit_;       // pages in a segment
  bool is_trimming_ = false;  // the lowest gives pages up until it holds no more than the limit
};

}  // namespace pw::policy
