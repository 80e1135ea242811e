// SPDX-License-Identifier: MIT
// The seam to page replacement: which frames may be evicted, what became of them, who goes next.
//
// The policy knows the frames that hold data and are not locked. It sees references as an operating system does,
// through Accessed bits, or each one where the machine observes exactly and calls touch().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "mm/page_record.h"
#include "phys/frame_table.h"
#include "policy/replacement/policy.h"

namespace pw::mm {

class ResidentSet {
 public:
  ResidentSet(PageRecords& records, phys::FrameTable& frames) : records_(records), frames_(frames) {}
  void set_policy(std::unique_ptr<policy::ReplacementPolicy> policy) { policy_ = std::move(policy); }

  std::uint64_t evictable() const { return evictable_; }
  std::uint64_t set_aside() const { return set_aside_.size(); }

  // The bits of a page number that the frame table keeps.
  static constexpr VirtPage page_of_owner(std::uint64_t page) {
    return VirtPage(page & ((1ull << kPageBits) - 1));
  }
  // A page of an owner is referenced that is not resident.
  void on_fault(PageKind kind, std::uint32_t owner, std::uint64_t page) {
    policy_->on_fault(name_of(kind, owner, page_of_owner(page)), now_);
  }
  // Whether the policy would not keep the page that it names next, though there is room.
  bool gives_up() { return evictable_ > 0 && policy_->gives_up(now_); }
  // The frame may be evicted from now on. REQUIRES: it may not yet, and its record says whose it is.
  void insert(FrameIndex frame, policy::Arrival arrival) {
    records_[frame.value()].is_evictable = true;
    ++evictable_;
    policy_->on_insert(resident(frame), arrival);
  }
  // It may not, or holds nothing any more. Nothing happens if it was not there.
  void remove(FrameIndex frame, policy::Departure departure) {
    PageRecord& record = records_[frame.value()];
    record.is_set_aside = false;
    if (!record.is_evictable) return;
    record.is_evictable = false;
    --evictable_;
    policy_->on_remove(resident(frame), departure);
  }
  // One reference to the page in a frame, for policies that observe them.
  void touch(FrameIndex frame) {
    ++now_;
    if (!records_[frame.value()].is_evictable) return;
    const policy::Touch touch{frame, runs_ ? 1 : now_};
    policy_->on_touches({&touch, 1});
  }
  void observe_references() { runs_ = policy_->observation() == policy::Observation::Runs; }
  bool wants_references() const { return policy_->observation() != policy::Observation::Nothing; }
  void advance_time() { ++now_; }

  // REQUIRES: evictable() > 0
  FrameIndex choose_victim() { return policy_->choose_victim(); }
  // A victim that cannot leave now is out of the policy's sight until take_back().
  void put_aside(FrameIndex frame) {
    remove(frame, policy::Departure::Pinned);
    records_[frame.value()].is_set_aside = true;
    set_aside_.push_back(frame);
  }
  void take_back() {
    std::vector<FrameIndex> frames;
    frames.swap(set_aside_);
    for (const FrameIndex frame : frames)
      if (records_[frame.value()].is_set_aside) {
        records_[frame.value()].is_set_aside = false;
        insert(frame, policy::Arrival::Unpinned);
      }
  }

 private:
  static constexpr unsigned kPageBits = kMaxVirtBits - kFrameShift;

  // A page is known by its owner's number above its own; policies remember pages that left by it.
  static constexpr VirtPage name_of(PageKind kind, std::uint32_t owner, VirtPage page) {
    const std::uint64_t name = std::uint64_t{owner} * 2 + (kind == PageKind::Anonymous);
    return VirtPage(name << kPageBits | page.value());
  }
  policy::Resident resident(FrameIndex frame) const {
    const PageRecord& record = records_[frame.value()];
    return {name_of(record.kind, record.owner, frames_[frame].owner()), frame, now_};
  }

  PageRecords& records_;
  phys::FrameTable& frames_;
  std::unique_ptr<policy::ReplacementPolicy> policy_;
  std::vector<FrameIndex> set_aside_;
  std::uint64_t evictable_ = 0;
  std::uint64_t now_ = 0;
  bool runs_ = false;
};

}  // namespace pw::mm
