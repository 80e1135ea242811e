// SPDX-License-Identifier: MIT
// Multi-generational LRU as Linux has it (Yu Zhao, mm/vmscan.c since 6.1, 2022): pages belong to one of at
// most four generations. Aging scans all pages, moves those with the Accessed bit into the youngest
// generation and opens a new one; it runs when fewer than three are left, so it is O(frames) once a
// generation. Eviction takes the oldest page of the oldest generation, unless it was accessed since.
//
// Refault protection: pages found accessed more often are in higher tiers (the logarithm of how often). Of
// each tier it is counted how many were evicted and how many came back; while a tier comes back more than
// the lowest does, its pages are moved one generation up instead of being evicted.
//
// Ghosts: as many as frames, 40 to 96 bytes each; they count while their generation is one of the last two.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "base/lazy_array.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class MgLru {
 public:
  static constexpr PolicyInfo info{.name = "mglru",
                                   .family = Family::Adaptive,
                                   .observes = Observes::AccessedBits,
                                   .summary = "Linux's generations with refault protection"};
  struct Params {};

  MgLru(const PolicyContext& context, Params)
      : lists_(context.frames),
        pages_(context.frames),
        is_resident_(context.frames),
        bits_(context),
        ghosts_(context.capacity, context) {}

  void on_insert(const Resident& page, Arrival) {
    const std::uint64_t frame = page.frame.value();
    if (const Shadow* shadow = ghosts_.find(page.page)) {
      if (oldest_ - shadow->generation < kFewest) ++tiers_[shadow->tier].refaulted;
      ghosts_.remove(page.page);
    }
    bits_.reset(page.frame);
    pages_[frame].uses = 0;
    is_resident_[frame] = 1;
    end_ = std::max(end_, frame + 1);
    push(youngest_, page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure departure) {
    const Page& it = pages_[page.frame.value()];
    lists_.remove(it.generation % kMost, page.frame);
    is_resident_[page.frame.value()] = 0;
    if (departure != Departure::Evicted) return;
    ++tiers_[tier_of(it)].evicted;
    ghosts_.push(page.page, {it.generation, tier_of(it)});
  }
  FrameIndex choose_victim() {
    for (;;) {
      while (oldest_ < youngest_ && lists_.is_empty(oldest_ % kMost)) ++oldest_;
      if (youngest_ - oldest_ + 1 <= kFewest) {
        age();
        continue;
      }
      const FrameIndex candidate = lists_.oldest(oldest_ % kMost);
      if (bits_.test_and_clear(candidate))
        promote(candidate, youngest_);
      else if (tier_of(pages_[candidate.value()]) > highest_evicted_tier())
        move(candidate, oldest_ + 1);
      else
        return candidate;
    }
  }

 private:
  static constexpr std::uint64_t kMost = 4;    // generations
  static constexpr std::uint64_t kFewest = 2;  // that eviction leaves
  static constexpr std::size_t kTiers = 4;
  static constexpr std::uint64_t kBatch = 64;  // refaults too few to tell

  struct Page {
    std::uint64_t generation = 0;
    std::uint64_t uses = 0;  // how often it was found accessed
  };
  struct Shadow {
    std::uint64_t generation = 0;
    std::size_t tier = 0;
  };
  struct Tier {
    std::uint64_t refaulted = 0;
    std::uint64_t evicted = 0;
  };

  static std::size_t tier_of(const Page& page) {
    return std::min<std::size_t>(std::bit_width(page.uses), kTiers - 1);
  }
  void push(std::uint64_t generation, FrameIndex frame) {
    pages_[frame.value()].generation = generation;
    lists_.push_youngest(generation % kMost, frame);
  }
  void move(FrameIndex frame, std::uint64_t generation) {
    lists_.remove(pages_[frame.value()].generation % kMost, frame);
    push(generation, frame);
  }
  void promote(FrameIndex frame, std::uint64_t generation) {
    ++pages_[frame.value()].uses;
    move(frame, generation);
  }
  void age() {
    for (std::uint64_t frame = 0; frame < end_; ++frame)
      if (is_resident_[frame] && bits_.test_and_clear(FrameIndex(frame)))
        promote(FrameIndex(frame), youngest_);
    ++youngest_;
    for (Tier& tier : tiers_) tier = {tier.refaulted / 2, tier.evicted / 2};
  }
  // Higher tiers come back too often. The weights are Linux's: 2 for the lowest tier, 3 for the others.
  std::size_t highest_evicted_tier() const {
    const Tier& lowest = tiers_[0];
    std::size_t tier = 1;
    while (tier < kTiers &&
           (tiers_[tier].refaulted < kBatch || tiers_[tier].refaulted * (lowest.evicted + kBatch) * 2 <=
                                                   (lowest.refaulted + 1) * tiers_[tier].evicted * 3))
      ++tier;
    return tier - 1;
  }

  FrameLists<kMost> lists_;  // by generation modulo kMost
  LazyArray<Page> pages_;
  LazyArray<std::uint8_t> is_resident_;
  ReferenceBits bits_;
  GhostList<Shadow> ghosts_;
  std::array<Tier, kTiers> tiers_{};
  std::uint64_t end_ = 0;  // frames at and above never held a page
  std::uint64_t oldest_ = 0;
  std::uint64_t youngest_ = kMost - 1;
};

}  // namespace pw::policy
