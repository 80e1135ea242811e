// SPDX-License-Identifier: MIT
// LIRS (Jiang and Zhang, SIGMETRICS 2002): pages with a short reuse distance (LIR) hold most of the frames;
// the others (HIR) go through a short queue Q. The stack S orders pages by their last use, ghosts of HIR
// pages among them; a HIR page used again while it is on S becomes LIR, and the LIR page at the bottom
// of S becomes HIR in its place. The bottom of S is always LIR.
//
// With demote=1 it is the variant of libCacheSim, which leaves the paper: a HIR page that is used after it left S also makes
// the LIR page at the bottom of S HIR, and for that the oldest page of Q leaves though there is room. The counts equal
// libCacheSim's where Q has more than one frame; with one, libCacheSim counts hits of a page that it has evicted.
//
// S holds at most `stack` times as many pages as there are frames: above that the ghost of the oldest use
// is forgotten. Ghosts: 32 bytes and 16 to 32 for finding them.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/node_list.h"
#include "policy/page_index.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Lirs {
 public:
  static constexpr PolicyInfo info{.name = "lirs",
                                   .family = Family::Adaptive,
                                   .observes = Observes::References,
                                   .summary = "keeps pages of short reuse distance, whatever their recency"};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "hir",
                                                    .default_value = 0.01,
                                                    .minimum = 0,
                                                    .maximum = 1,
                                                    .unit = "of the frames",
                                                    .summary = "for resident HIR pages, at least one",
                                                    .type = ParamType::Real,
                                                    .alias = "hirs-ratio"},
                                          ParamSpec{.name = "stack",
                                                    .default_value = 2,
                                                    .minimum = 1,
                                                    .maximum = 16,
                                                    .unit = "of the frames",
                                                    .summary = "pages that S holds at most",
                                                    .type = ParamType::Real},
                                          ParamSpec{.name = "demote",
                                                    .default_value = 0,
                                                    .minimum = 0,
                                                    .maximum = 1,
                                                    .unit = "",
                                                    .summary = "1: libCacheSim's variant"}};
    static Params of(const ParamValues& values) {
      return {values.real(0), values.real(1), values.integer(2) != 0};
    }

    double hir = 0.01;
    double stack = 2;
    bool demote = false;
  };

  Lirs(const PolicyContext& context, Params params)
      : ghost_index_(context.page_names != nullptr),
        queue_(context.frames),
        node_of_(context.frames),
        hir_limit_(std::max<std::uint64_t>(1, share(params.hir, context.capacity))),
        lir_limit_(context.capacity - hir_limit_),
        demotes_(params.demote),
        stack_limit_(share(params.stack, context.capacity)) {}

  void on_insert(const Resident& page, Arrival) {
    std::uint32_t node = ghost_index_.remove(page.page, page_of());
    const bool was_ghost = node != 0;
    if (was_ghost) {
      ghosts_.remove(node);
      stack_.remove(node);
    } else {
      node = nodes_.take();
    }
    nodes_[node] = {.page = page.page.value(), .frame = frame_number(page.frame)};
    node_of_[page.frame.value()] = node;
    push_on_stack(node);
    if (was_ghost && lir_limit_ > 0) {
      promote(node);
    } else if (lir_count_ < lir_limit_) {
      nodes_[node].is_lir = true;
      ++lir_count_;
    } else {
      queue_.push_youngest(page.frame);
    }
    cut_stack();
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    use(frame);
    if (count > 1) use(frame);  // a third use in a row changes nothing
  }
  void on_remove(const Resident& page, Departure departure) {
    const std::uint32_t node = node_of_[page.frame.value()];
    const bool was_lir = nodes_[node].is_lir;
    if (was_lir) {
      --lir_count_;
    } else {
      queue_.remove(page.frame);
      if (surplus_ > 0) --surplus_;
    }
    if (departure == Departure::Evicted && !was_lir && nodes_[node].on_stack) {
      nodes_[node].frame = kNoFrame;
      ghosts_.push_youngest(node);
      ghost_index_.insert(page.page, node);
    } else {
      if (nodes_[node].on_stack) stack_.remove(node);
      nodes_.give_back(node);
    }
    if (was_lir) prune();
  }
  bool gives_up(std::uint64_t) const { return surplus_ > 0 && !queue_.is_empty(); }
  // Where there is no HIR page (others left unasked), the LIR page of the oldest use.
  FrameIndex choose_victim() {
    if (!queue_.is_empty()) return queue_.oldest();
    return FrameIndex(nodes_[stack_.oldest()].frame);
  }

 private:
  static constexpr std::uint32_t kNoFrame = ~std::uint32_t{0};
  struct Page {
    std::uint64_t page = 0;
    std::uint32_t frame = kNoFrame;  // kNoFrame: a ghost
    bool is_lir = false;
    bool on_stack = false;
  };
  static std::uint32_t frame_number(FrameIndex frame) { return static_cast<std::uint32_t>(frame.value()); }
  PageOfNode<Page> page_of() const { return {nodes_}; }

  void push_on_stack(std::uint32_t node) {
    stack_.push_youngest(node);
    nodes_[node].on_stack = true;
  }
  void use(FrameIndex frame) {
    const std::uint32_t node = node_of_[frame.value()];
    const bool was_on_stack = nodes_[node].on_stack;
    if (was_on_stack) stack_.remove(node);
    if (!nodes_[node].is_lir && (!was_on_stack || lir_limit_ == 0)) move_back(frame);
    push_on_stack(node);
    if (nodes_[node].is_lir) return prune();
    if (was_on_stack && lir_limit_ > 0) {
      queue_.remove(frame);
      promote(node);
    } else {
      cut_stack();
    }
  }
  // To the end of Q; in the variant with the demoted page behind it. A page that was alone in Q goes behind that one,
  // so that it is not itself the one that leaves.
  void move_back(FrameIndex frame) {
    const bool demotes = demotes_ && lir_limit_ > 0 && lir_count_ == lir_limit_;
    const bool is_alone = queue_.size() == 1;
    queue_.move_to_youngest(frame);
    if (!demotes) return;
    demote_bottom();
    prune();
    if (is_alone) queue_.move_to_youngest(frame);
    if (queue_.size() > hir_limit_ + surplus_) ++surplus_;
  }
  void promote(std::uint32_t node) {
    nodes_[node].is_lir = true;
    ++lir_count_;
    if (lir_count_ > lir_limit_) demote_bottom();
    prune();
  }
  void demote_bottom() {
    prune();
    const std::uint32_t bottom = stack_.oldest();
    nodes_[bottom].is_lir = false;
    --lir_count_;
    queue_.push_youngest(FrameIndex(nodes_[bottom].frame));
  }
  // Takes pages off the bottom of S down to a LIR page.
  void prune() {
    while (!stack_.is_empty() && !nodes_[stack_.oldest()].is_lir) {
      const std::uint32_t bottom = stack_.oldest();
      if (nodes_[bottom].frame == kNoFrame) {
        forget(bottom);
      } else {
        stack_.remove(bottom);
        nodes_[bottom].on_stack = false;
      }
    }
  }
  void cut_stack() {
    while (stack_.size() > stack_limit_ && !ghosts_.is_empty()) forget(ghosts_.oldest());
  }
  void forget(std::uint32_t ghost) {
    ghost_index_.remove(VirtPage(nodes_[ghost].page), page_of());
    ghosts_.remove(ghost);
    stack_.remove(ghost);
    nodes_.give_back(ghost);
  }

  NodePool<Page> nodes_;  // pages on S, and resident ones
  NodeList stack_;        // S
  NodeList ghosts_;       // those on S that are not resident, in the same order
  PageIndex ghost_index_;
  FrameList queue_;  // Q: resident HIR pages
  LazyArray<std::uint32_t> node_of_;
  std::uint64_t hir_limit_;
  std::uint64_t lir_limit_;
  bool demotes_;
  std::uint64_t surplus_ = 0;  // pages of Q that are to leave though there is room
  std::uint64_t stack_limit_;
  std::uint64_t lir_count_ = 0;
};

}  // namespace pw::policy
