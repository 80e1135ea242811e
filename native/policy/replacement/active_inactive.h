// SPDX-License-Identifier: MIT
// Linux's two lists (Gorman, Understanding the Linux Virtual Memory Manager, 2004; mm/vmscan.c and, for
// refaults, Weiner's mm/workingset.c of 2014): pages start on the inactive list; one found referenced twice
// there is activated; when the inactive list is shorter than the active one, the oldest active pages are
// moved down. A page that comes back after at most as many evictions and activations as there are active
// pages would have stayed with a longer inactive list, so it is activated at once.
//
// Ghosts (shadow entries): as many as frames, 32 to 75 bytes each.
#pragma once

#include "base/lazy_array.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class ActiveInactive {
 public:
  static constexpr PolicyInfo info{.name = "active-inactive",
                                   .family = Family::Adaptive,
                                   .observes = Observes::AccessedBits,
                                   .summary = "Linux's active and inactive lists with refault distance",
                                   .aliases = {"linux-two-list", "two-list"}};
  struct Params {};

  ActiveInactive(const PolicyContext& context, Params)
      : lists_(context.frames),
        is_active_(context.frames),
        seen_(context.frames),
        bits_(context),
        ghosts_(context.capacity, context) {}

  void on_insert(const Resident& page, Arrival) {
    bool is_refault = false;
    if (const std::uint64_t* evicted = ghosts_.find(page.page)) {
      is_refault = age_ - *evicted <= lists_.size(kActive);
      ghosts_.remove(page.page);
    }
    if (is_refault) ++age_;
    seen_[page.frame.value()] = 0;
    bits_.reset(page.frame);
    push(is_refault ? kActive : kInactive, page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure departure) {
    lists_.remove(is_active_[page.frame.value()], page.frame);
    if (departure == Departure::Evicted) ghosts_.push(page.page, age_++);
  }
  FrameIndex choose_victim() {
    for (;;) {
      deactivate();
      const FrameIndex candidate = lists_.oldest(kInactive);
      if (!bits_.test_and_clear(candidate)) return candidate;
      std::uint8_t& seen = seen_[candidate.value()];
      lists_.remove(kInactive, candidate);
      if (seen) ++age_;
      push(seen ? kActive : kInactive, candidate);
      seen = !seen;
    }
  }

 private:
  static constexpr std::uint8_t kInactive = 0;
  static constexpr std::uint8_t kActive = 1;

  void push(std::uint8_t list, FrameIndex frame) {
    is_active_[frame.value()] = list;
    lists_.push_youngest(list, frame);
  }
  // The ratio of the lists is 1, as Linux has it below 1 GiB.
  void deactivate() {
    while (lists_.size(kInactive) < lists_.size(kActive)) {
      const FrameIndex frame = lists_.oldest(kActive);
      bits_.test_and_clear(frame);
      seen_[frame.value()] = 0;
      lists_.remove(kActive, frame);
      push(kInactive, frame);
    }
  }

  FrameLists<2> lists_;
  LazyArray<std::uint8_t> is_active_;
  LazyArray<std::uint8_t> seen_;  // found referenced once on the inactive list
  ReferenceBits bits_;
  GhostList<std::uint64_t> ghosts_;  // with the age at eviction
  std::uint64_t age_ = 0;            // evictions and activations
};

}  // namespace pw::policy
