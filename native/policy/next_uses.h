// SPDX-License-Identifier: MIT
// Resident pages by their next use, for policies that know the future; those that are not used again stand apart, by arrival.
// 8 bytes a page and a bit for each time.
#pragma once

#include <cstdint>

#include "policy/frame_list.h"
#include "policy/replacement/policy.h"
#include "policy/time_set.h"

namespace pw::policy {

class NextUses {
 public:
  // REQUIRES: the context has the future.
  explicit NextUses(const PolicyContext& context)
      : future_(*context.future), times_(future_.end()), never_(context.frames) {}

  // The page in a frame is being used.
  void insert(FrameIndex frame) {
    file(frame);
    filed_ = future_.now();
  }
  void use(FrameIndex frame) {
    if (filed_ != future_.now()) file(frame);  // not the rest of the run that loaded the page
  }

  const Future& future() const { return future_; }
  TimeSet& times() { return times_; }
  FrameList& never() { return never_; }

 private:
  void file(FrameIndex frame) {
    const std::uint64_t next = future_.next_use();
    if (next == Future::kNever)
      never_.push_youngest(frame);
    else
      times_.add(next);
  }

  const Future& future_;
  TimeSet times_;    // of next uses
  FrameList never_;  // pages that are not used again
  std::uint64_t filed_ = Future::kNever;
};

}  // namespace pw::policy
