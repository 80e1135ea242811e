// SPDX-License-Identifier: MIT
// The hit filter: what makes most accesses cost a compare. It remembers, direct-mapped, pages that an
// L1 TLB holds and that a kind of access may use. An access that it knows is a hit, and a hit changes
// two things only: how many there were, which follows from the number of accesses, and the time at
// which the entry was used last, which goes straight to the entry. So the outcome is exactly that of
// looking every access up, whatever the filter remembers or forgets.
#pragma once

#include <array>
#include <cstdint>

#include "base/access.h"
#include "base/address.h"
#include "base/check.h"
#include "mmu/grant.h"
#include "tlb/hierarchy.h"

namespace pw::mmu {

inline constexpr std::size_t kFilterSlots = 256;
// Accesses by kind are tallied in one word: counting them costs the loop one addition.
inline constexpr unsigned kTallyBits = 16;
// The number, sign-extended, of a page that is canonical in no mode.
inline constexpr std::int64_t kNoPage = INT64_MIN;

constexpr std::size_t slot_of(std::int64_t page) { return static_cast<std::uint64_t>(page) % kFilterSlots; }

enum class Frames : std::uint8_t { Kept, Unused };

// Pages that one L1 TLB holds and one operation may use.
struct Lane {
  std::array<std::int64_t, kFilterSlots> pages;
  std::array<tlb::Time*, kFilterSlots> uses{};       // where the TLB keeps the time of the page's last use
  std::array<std::uint64_t, kFilterSlots> frames{};  // in units of the page size
  Grant grant;

  Lane() { pages.fill(kNoPage); }

  // Frames are kept for those who count references by frame.
  template <Frames kFrames>
  PW_ALWAYS_INLINE void set(std::size_t slot, std::int64_t page, tlb::Time* use, std::uint64_t frame) {
    pages[slot] = page;
    uses[slot] = use;
    if constexpr (kFrames == Frames::Kept) frames[slot] = frame;
  }
  PW_ALWAYS_INLINE void forget(std::size_t slot, std::int64_t page) {
    pages[slot] = pages[slot] == page ? kNoPage : pages[slot];
  }
};

// What the loop looks up by an access's kind and flags: the lane, and what to add to the tally. First the
// selectors of packed accesses, then those of kinds that are any byte. Second halves and bytes that are no kind
// match nothing and tally nothing.
struct Selectors {
  static constexpr std::size_t kCount = kSelectors + 256;
  std::array<Lane*, kCount> lanes;
  std::array<std::uint64_t, kCount> tallies{};
};

// An L1 TLB's array for the pages of one size, with its lanes.
template <class Ways>
class FilteredArray {
 public:
  static constexpr std::size_t kMaxLanes = 3;

  tlb::Array<Ways>& array() const { return *array_; }
  bool serves(const tlb::Array<Ways>* array) const { return array_ == array; }

  Lane& lane_for(paging::Operation operation, tlb::Array<Ways>& array) {
    array_ = &array;
    std::size_t i = 0;
    while (i < lanes_used_ && operations_[i] != operation) ++i;
    if (i == lanes_used_) {
      operations_[lanes_used_++] = operation;
      lanes_[i].grant = Grant::user(operation);
    }
    return lanes_[i];
  }

  // The array holds the page, and notes its uses there.
  template <Frames kFrames>
  PW_ALWAYS_INLINE void remember(std::int64_t page, tlb::Entry entry, tlb::Time* use, std::uint64_t frame) {
    const std::size_t slot = slot_of(page);
    for (Lane& lane : lanes_)  // those that are not used grant nothing
      lane.template set<kFrames>(slot, lane.grant.allows(entry) ? page : kNoPage, use, frame);
  }
  PW_ALWAYS_INLINE void forget(std::int64_t page) {
    const std::size_t slot = slot_of(page);
    for (Lane& lane : lanes_) lane.forget(slot, page);
  }
  std::size_t operations() const { return lanes_used_; }
  // Of an array that serves one or two operations, the lane beside the one given.
  Lane& lane_beside(const Lane& lane) { return lanes_[&lane == &lanes_[0] ? 1 : 0]; }

 private:
  tlb::Array<Ways>* array_ = nullptr;
  std::size_t lanes_used_ = 0;
  std::array<paging::Operation, kMaxLanes> operations_{};
  std::array<Lane, kMaxLanes> lanes_;
};

template <class Ways>
class HitFilter {
 public:
  HitFilter() {
    selectors_.lanes.fill(&never_);
    for (std::size_t kind = 0; kind < kAccessKinds; ++kind)
      selectors_.tallies[kind] = selectors_.tallies[kSelectors + kind] = 1ull << (kTallyBits * kind);
  }
  HitFilter(const HitFilter&) = delete;
  HitFilter& operator=(const HitFilter&) = delete;

  // Accesses of `kind` look this L1 array up. Kinds that nobody serves are always unknown.
  void serve(AccessKind kind, paging::Operation operation, tlb::Array<Ways>& array) {
    std::size_t i = 0;
    while (i < arrays_used_ && !arrays_[i].serves(&array)) ++i;
    if (i == arrays_used_) ++arrays_used_;
    Lane& lane = arrays_[i].lane_for(operation, array);
    selectors_.lanes[index(kind)] = selectors_.lanes[kSelectors + index(kind)] = &lane;
    by_kind_[index(kind)] = &arrays_[i];
  }

  const Selectors& selectors() const { return selectors_; }
  // nullptr where nobody serves the kind.
  FilteredArray<Ways>* array(AccessKind kind) const { return by_kind_[index(kind)]; }
  Lane& lane(AccessKind kind) const { return *selectors_.lanes[index(kind)]; }
  bool grants(AccessKind kind, tlb::Entry entry) const {
    return selectors_.lanes[index(kind)]->grant.allows(entry);
  }

  void forget(std::int64_t page) {
    for (std::size_t i = 0; i < arrays_used_; ++i) arrays_[i].forget(page);
  }
  template <class Visit>
  void for_each_array(Visit visit) const {
    for (std::size_t i = 0; i < arrays_used_; ++i) visit(arrays_[i].array());
  }

 private:
  static constexpr std::size_t index(AccessKind kind) { return static_cast<std::size_t>(kind); }

  Lane never_;
  std::array<FilteredArray<Ways>, kAccessKinds> arrays_;
  std::size_t arrays_used_ = 0;
  std::array<FilteredArray<Ways>*, kAccessKinds> by_kind_{};
  Selectors selectors_;
};

}  // namespace pw::mmu
