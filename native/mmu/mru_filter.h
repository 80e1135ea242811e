// SPDX-License-Identifier: MIT
// The MRU filter: what makes most accesses cost a compare. A lane remembers, per slot, the page that an
// L1 TLB translated last among the pages of that slot, and that the lane's right is granted (a write
// lane also that D is set). Such an access is a hit that changes nothing: neither the order of its set,
// nor an entry, nor a count but that of hits, which follows from the number of accesses. So the result
// is exactly that of looking every access up.
//
// Slots are the low bits of the page number, as many as divide the sets; then pages of one set share
// a slot only with pages of that same set and of sets that share no way with it.
//
// A lane also keeps when each of its pages was used last, so that recency costs one store an access.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/access.h"
#include "base/address.h"
#include "paging/permission.h"

namespace pw::mmu {

inline constexpr std::uint32_t kLaneSlots = 16;
// Page number, sign-extended, of an address that is not canonical in any mode: in no lane.
inline constexpr std::int64_t kNoPage = INT64_MIN;

struct Lane {
  std::uint64_t mask = 0;  // slots - 1
  std::array<std::int64_t, kLaneSlots> pages{};
  std::array<std::uint64_t, kLaneSlots> times{};   // last use since the lane was drained; 0: none
  std::array<std::uint64_t, kLaneSlots> frames{};  // in units of the page size
  paging::Operation operation = paging::Operation::Read;
  std::size_t tlb = 0;  // which L1 TLB

  Lane() { pages.fill(kNoPage); }
};

class MruFilter {
 public:
  MruFilter() { by_selector_.fill(&never_); }
  MruFilter(const MruFilter&) = delete;
  MruFilter& operator=(const MruFilter&) = delete;

  // Accesses of `kind` look up the L1 TLB number `tlb`, whose array has `sets` sets.
  void serve(AccessKind kind, paging::Operation operation, std::size_t tlb, std::uint32_t sets) {
    Lane& lane = lane_for(operation, tlb);
    lane.mask = (sets & (sets - 1)) == 0 ? std::min(sets, kLaneSlots) - 1 : 0;
    by_kind_[static_cast<std::size_t>(kind)] = &lane;
    by_selector_[static_cast<std::size_t>(kind)] = &lane;
  }
  // Accesses of `kind` always take the slow path.
  void exclude(AccessKind kind) { by_selector_[static_cast<std::size_t>(kind)] = &never_; }

  // By kind and flags of a packed access: halves with a flag are in no lane.
  Lane* const* by_selector() const { return by_selector_.data(); }

  // After a translation by the L1 TLB that serves `kind`: its lanes now remember this page, and its use
  // at `time` unless that is 0. `retire(frame, time)` receives uses of the pages that leave.
  // False if the kind has no lane to remember anything.
  template <class Retire>
  bool remember(AccessKind kind, std::int64_t page, std::uint64_t frame, paging::Entry entry, std::uint64_t time,
                Retire retire) {
    Lane* used = by_kind_[static_cast<std::size_t>(kind)];
    if (used == nullptr) return false;
    const std::size_t slot = static_cast<std::uint64_t>(page) & used->mask;
    for (std::size_t i = 0; i < lanes_used_; ++i) {
      Lane& lane = lanes_[i];
      if (lane.tlb != used->tlb) continue;
      if (lane.times[slot] != 0 && lane.frames[slot] != frame) {
        retire(lane.frames[slot], lane.times[slot]);
        lane.times[slot] = 0;
      }
      lane.pages[slot] = grants(lane.operation, entry) ? page : kNoPage;
      lane.frames[slot] = frame;
    }
    if (time != 0) used->times[slot] = time;
    return true;
  }

  // Hands over every use that was not handed over yet.
  template <class Retire>
  void drain(Retire retire) {
    for (std::size_t i = 0; i < lanes_used_; ++i) {
      Lane& lane = lanes_[i];
      for (std::size_t slot = 0; slot <= lane.mask; ++slot) {
        if (lane.times[slot] == 0) continue;
        retire(lane.frames[slot], lane.times[slot]);
        lane.times[slot] = 0;
      }
    }
  }

  // REQUIRES: drained, where uses matter.
  void forget(std::int64_t page) {
    for (std::size_t i = 0; i < lanes_used_; ++i) {
      std::int64_t& remembered = lanes_[i].pages[static_cast<std::uint64_t>(page) & lanes_[i].mask];
      if (remembered == page) remembered = kNoPage;
    }
  }
  void forget_all() {
    for (Lane& lane : lanes_) lane.pages.fill(kNoPage);
  }

 private:
  static bool grants(paging::Operation operation, paging::Entry entry) {
    switch (operation) {
      case paging::Operation::Fetch: return !entry.is_no_execute();
      case paging::Operation::Write: return entry.is_writable() && entry.is_dirty();
      case paging::Operation::Read: return true;
    }
    return false;
  }

  Lane& lane_for(paging::Operation operation, std::size_t tlb) {
    for (std::size_t i = 0; i < lanes_used_; ++i)
      if (lanes_[i].operation == operation && lanes_[i].tlb == tlb) return lanes_[i];
    Lane& lane = lanes_[lanes_used_++];
    lane.operation = operation;
    lane.tlb = tlb;
    return lane;
  }

  Lane never_;
  std::array<Lane, kAccessKinds> lanes_;
  std::size_t lanes_used_ = 0;
  std::array<Lane*, kAccessKinds> by_kind_{};
  std::array<Lane*, 256> by_selector_;
};

}  // namespace pw::mmu
