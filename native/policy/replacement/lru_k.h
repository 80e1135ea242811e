// SPDX-License-Identifier: MIT
// LRU-K (O'Neil, O'Neil, Weikum, SIGMOD 1993): evicts the page whose k-th last reference lies furthest back;
// pages with fewer than k references go first, least recently used of them first. References within
// `correlated` of each other count as one, and a page is not evicted that soon unless all are that young.
//
// History of pages that left is kept for `history` times as many pages as there are frames; such a ghost
// takes 64 to 160 bytes, a frame 16 + 8 k.
#pragma once

#include <algorithm>
#include <array>
#include <compare>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_heap.h"
#include "policy/ghost_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class LruK {
 public:
  static constexpr PolicyInfo info{.name = "lru-k",
                                   .family = Family::Recency,
                                   .observes = Observes::References,
                                   .summary = "evicts the page whose k-th last reference is the oldest",
                                   .aliases = {"lruk"}};
  static constexpr std::size_t kMostK = 4;
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "k",
                                                    .default_value = 2,
                                                    .minimum = 1,
                                                    .maximum = kMostK,
                                                    .unit = "references",
                                                    .summary = "how far back a page's history is looked at"},
                                          ParamSpec{.name = "correlated",
                                                    .default_value = 0,
                                                    .minimum = 0,
                                                    .maximum = 4294967295.0,
                                                    .unit = "references",
                                                    .summary = "time within which references count as one"},
                                          ParamSpec{.name = "history",
                                                    .default_value = 1,
                                                    .minimum = 0,
                                                    .maximum = 8,
                                                    .unit = "of the frames",
                                                    .summary = "pages whose history outlives them",
                                                    .type = ParamType::Real}};
    static Params of(const ParamValues& values) {
      return {static_cast<std::size_t>(values.integer(0)), static_cast<std::uint64_t>(values.integer(1)),
              values.real(2)};
    }

    std::size_t k = 2;
    std::uint64_t correlated = 0;
    double history = 1;
  };

  LruK(const PolicyContext& context, Params params)
      : pages_(context.frames),
        heap_(context.frames),
        ghosts_(share(params.history, context.capacity), context),
        k_(params.k),
        correlated_(params.correlated) {}

  void on_fault(VirtPage page, std::uint64_t time) {
    now_ = std::max(now_ + 1, time);
    const History* ghost = ghosts_.find(page);
    coming_ = ghost ? *ghost : History{};
    if (ghost) ghosts_.remove(page);
  }
  void on_insert(const Resident& page, Arrival) {
    History& history = pages_[page.frame.value()];
    history = coming_;
    std::copy_backward(history.times.begin(), history.times.end() - 1, history.times.end());
    history.times[0] = history.last = now_;
    heap_.push(page.frame, key_of(page.frame));
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    History& history = pages_[frame.value()];
    if (correlated_ == 0) {
      const auto seen = std::min<std::uint32_t>(count, kMostK);
      for (std::uint32_t i = seen; i-- > 0;) refer(history, now_ + count - i);
    } else {
      refer(history, now_ + 1);
      history.last = now_ + count;
    }
    now_ += count;
  }
  void on_remove(const Resident& page, Departure departure) {
    heap_.remove(page.frame);
    if (departure == Departure::Evicted) ghosts_.push(page.page, pages_[page.frame.value()]);
  }
  FrameIndex choose_victim() {
    const auto key = [this](FrameIndex frame) { return key_of(frame); };
    const FrameIndex least = heap_.least(key);
    if (correlated_ == 0) return least;
    std::vector<FrameIndex> young;  // set aside while an older one is looked for
    FrameIndex chosen = least;
    while (!heap_.is_empty() && is_young(chosen = heap_.least(key))) {
      young.push_back(chosen);
      heap_.remove(chosen);
    }
    if (heap_.is_empty()) chosen = least;
    for (const FrameIndex frame : young) heap_.push(frame, key_of(frame));
    return chosen;
  }

 private:
  struct History {
    std::array<std::uint64_t, kMostK> times{};  // of uncorrelated references, last first; 0: none
    std::uint64_t last = 0;
  };
  struct Key {
    std::uint64_t kth = 0;
    std::uint64_t last = 0;
    auto operator<=>(const Key&) const = default;
  };

  Key key_of(FrameIndex frame) const {
    const History& history = pages_[frame.value()];
    return {history.times[k_ - 1], history.last};
  }
  bool is_young(FrameIndex frame) const { return now_ - pages_[frame.value()].last <= correlated_; }
  void refer(History& history, std::uint64_t time) const {
    if (time - history.last > correlated_) {
      // Times further back move up by the length of the burst that ends here.
      const std::uint64_t burst = history.last - history.times[0];
      for (std::size_t i = kMostK - 1; i > 0; --i)
        history.times[i] = history.times[i - 1] == 0 ? 0 : history.times[i - 1] + burst;
      history.times[0] = time;
    }
    history.last = time;
  }

  LazyArray<History> pages_;  // by frame
  FrameHeap<Key> heap_;
  GhostList<History> ghosts_;
  History coming_;  // of the page that is being loaded
  std::size_t k_;
  std::uint64_t correlated_;
  std::uint64_t now_ = 0;
};

}  // namespace pw::policy
