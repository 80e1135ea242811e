// SPDX-License-Identifier: MIT
// CLOCK-Pro (Jiang, Chen, Zhang, USENIX ATC 2005): LIRS as a clock. Hot pages, cold pages and ghosts of cold
// pages stand on one ring with three hands. A cold page starts a test period when it comes; used again in
// it, it becomes hot and cold pages get one frame more; the end of a test period without a use takes one
// away. Ghosts are at most as many as frames, 32 to 75 bytes each, as is a frame.
#pragma once

#include <algorithm>

#include "base/lazy_array.h"
#include "policy/node_list.h"
#include "policy/page_index.h"
#include "policy/reference_bits.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class ClockPro {
 public:
  static constexpr PolicyInfo info{.name = "clock-pro",
                                   .family = Family::Adaptive,
                                   .observes = Observes::AccessedBits,
                                   .summary = "LIRS as a clock with three hands",
                                   .aliases = {"clockpro"}};
  struct Params {};

  ClockPro(const PolicyContext& context, Params)
      : ghost_index_(context.page_names != nullptr),
        node_of_(context.frames),
        bits_(context),
        capacity_(context.capacity),
        cold_target_(std::max<std::uint64_t>(1, context.capacity / 100)) {}

  void on_insert(const Resident& page, Arrival) {
    std::uint32_t node = ghost_index_.remove(page.page, page_of());
    const bool was_ghost = node != NodeList::kNone;
    if (was_ghost) {
      detach(node);
      --ghosts_;
      grow_cold_target();
    } else {
      node = nodes_.take();
    }
    const bool is_hot = was_ghost || (is_filling_ && hot_ + cold_target_ < capacity_);
    nodes_[node] = {.page = page.page.value(),
                    .frame = static_cast<std::uint32_t>(page.frame.value()),
                    .is_hot = is_hot,
                    .in_test = !is_hot};
    node_of_[page.frame.value()] = node;
    bits_.reset(page.frame);
    attach(node);
    ++(is_hot ? hot_ : cold_);
    limit_hot();
  }
  void on_access(FrameIndex frame, std::uint32_t) { bits_.set(frame); }
  void on_remove(const Resident& page, Departure departure) {
    const std::uint32_t node = node_of_[page.frame.value()];
    Page& it = nodes_[node];
    --(it.is_hot ? hot_ : cold_);
    is_filling_ = is_filling_ && departure != Departure::Evicted;
    if (departure == Departure::Evicted && it.in_test) {
      it.frame = kNoFrame;
      ghost_index_.insert(VirtPage(it.page), node);
      if (++ghosts_ > capacity_) run_test_hand();
    } else {
      detach(node);
      nodes_.give_back(node);
    }
  }
  FrameIndex choose_victim() {
    for (;;) {
      while (cold_ == 0) run_hot_hand();
      const std::uint32_t node = cold_hand_;
      Page& it = nodes_[node];
      if (it.is_hot || it.frame == kNoFrame) {
        cold_hand_ = next(node);
      } else if (!bits_.test_and_clear(FrameIndex(it.frame))) {
        return FrameIndex(it.frame);
      } else {
        reuse_cold(node);
      }
    }
  }

 private:
  static constexpr std::uint32_t kNoFrame = ~std::uint32_t{0};
  struct Page {
    std::uint64_t page = 0;
    std::uint32_t frame = kNoFrame;  // kNoFrame: a ghost
    bool is_hot = false;
    bool in_test = false;
  };
  PageOfNode<Page> page_of() const { return {nodes_}; }

  // The ring is a list whose ends meet. Its head is the place behind the hot hand.
  std::uint32_t next(std::uint32_t node) const {
    const std::uint32_t younger = ring_.younger(node);
    return younger == NodeList::kNone ? ring_.oldest() : younger;
  }
  void attach(std::uint32_t node) {
    if (ring_.is_empty()) {
      ring_.push_youngest(node);
      hot_hand_ = cold_hand_ = test_hand_ = node;
    } else if (hot_hand_ == ring_.oldest()) {
      ring_.push_youngest(node);
    } else {
      ring_.insert_younger_than(ring_.older(hot_hand_), node);
    }
  }
  void detach(std::uint32_t node) {
    for (std::uint32_t* hand : {&hot_hand_, &cold_hand_, &test_hand_})
      if (*hand == node) *hand = next(node);
    ring_.remove(node);
  }

  // A cold page that was referenced, at the cold hand.
  void reuse_cold(std::uint32_t node) {
    Page& it = nodes_[node];
    detach(node);
    attach(node);
    if (it.in_test) {
      it.in_test = false;
      it.is_hot = true;
      --cold_;
      ++hot_;
      grow_cold_target();
      limit_hot();
    } else {
      it.in_test = true;
    }
  }
  void grow_cold_target() {
    cold_target_ = std::min(cold_target_ + 1, std::max<std::uint64_t>(1, capacity_ - 1));
  }
  void limit_hot() {
    while (hot_ > 0 && hot_ + cold_target_ > capacity_) run_hot_hand();
  }
  // Until a hot page has become cold; ends the test periods that it passes.
  void run_hot_hand() {
    for (;;) {
      const std::uint32_t node = hot_hand_;
      hot_hand_ = next(node);
      Page& it = nodes_[node];
      if (!it.is_hot) {
        end_test(node);
      } else if (!bits_.test_and_clear(FrameIndex(it.frame))) {
        it.is_hot = false;
        --hot_;
        ++cold_;
        return;
      }
    }
  }
  // Until a ghost is gone.
  void run_test_hand() {
    for (const std::uint64_t before = ghosts_; ghosts_ == before;) {
      const std::uint32_t node = test_hand_;
      test_hand_ = next(node);
      if (!nodes_[node].is_hot) end_test(node);
    }
  }
  void end_test(std::uint32_t node) {
    Page& it = nodes_[node];
    if (!it.in_test) return;
    it.in_test = false;
    cold_target_ = std::max<std::uint64_t>(1, cold_target_ - 1);
    if (it.frame != kNoFrame) return;
    ghost_index_.remove(VirtPage(it.page), page_of());
    detach(node);
    nodes_.give_back(node);
    --ghosts_;
  }

  NodePool<Page> nodes_;
  NodeList ring_;
  PageIndex ghost_index_;
  LazyArray<std::uint32_t> node_of_;
  ReferenceBits bits_;
  std::uint64_t capacity_;
  std::uint64_t cold_target_;  // frames for cold pages
  std::uint64_t hot_ = 0;
  std::uint64_t cold_ = 0;  // resident
  std::uint64_t ghosts_ = 0;
  bool is_filling_ = true;  // nothing was evicted yet: pages are hot while there is room for hot ones
  std::uint32_t hot_hand_ = NodeList::kNone;
  std::uint32_t cold_hand_ = NodeList::kNone;
  std::uint32_t test_hand_ = NodeList::kNone;
};

}  // namespace pw::policy
