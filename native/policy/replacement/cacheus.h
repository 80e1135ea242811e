// SPDX-License-Identifier: MIT
// CACHEUS (Rodriguez et al., "Learning Cache Replacement with CACHEUS", FAST 2021): LeCaR with better
// experts and a learning rate that adapts. SR-LRU divides the frames into Q, for pages that are new, and
// S, for pages used again, and shifts the boundary by which of them loses pages too early, so that scans
// pass. CR-LFU evicts the least frequently used, of several the one used last, so that churn passes. A page
// that comes back lowers the weight of the expert that evicted it.
//
// Chance is the run's generator, or one of its own with a `seed`.
// Ghosts: half as many as frames for each expert, 40 to 96 bytes each.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <optional>

#include "base/lazy_array.h"
#include "policy/draws.h"
#include "policy/frame_heap.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/learning_rate.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Cacheus {
 public:
  static constexpr PolicyInfo info{.name = "cacheus",
                                   .family = Family::Adaptive,
                                   .observes = Observes::References,
                                   .summary = "draws between scan-resistant LRU and churn-resistant LFU"};
  struct Params {
    static constexpr std::array kSpecs = {kSeedParam};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t seed = 0;
  };

  Cacheus(const PolicyContext& context, Params params)
      : draws_(context.rng, params.seed),
        queues_(context.frames),
        pages_(context.frames),
        frequency_(context.frames),
        ghosts_{GhostList<Ghost>(context.capacity / 2, context),
                GhostList<Ghost>(context.capacity / 2, context)},
        rate_(draws_.generator(), context.capacity),
        capacity_(context.capacity),
        new_limit_(std::max<std::uint64_t>(1, share(0.01, context.capacity))) {}

  void on_fault(VirtPage page, std::uint64_t) {
    ++now_;
    rate_.count(LearningRate::Reference::Miss, 1);
    coming_.reset();
    for (const std::size_t expert : {kLru, kLfu})
      if (const Ghost* ghost = ghosts_[expert].find(page)) {
        coming_ = *ghost;
        forget(expert, page);
        if (expert == kLru && coming_->was_new) enlarge_new();
        blame(expert);
        return;
      }
  }
  void on_insert(const Resident& page, Arrival) {
    limit_used(1);
    const bool is_filling = queues_.is_empty(kNew) && queues_.size(kUsed) + new_limit_ < capacity_;
    Page& it = pages_[page.frame.value()];
    it = {.uses = {(coming_ ? coming_->uses : 0) + 1, -static_cast<std::int64_t>(now_)},
          .queue = coming_ || is_filling ? kUsed : kNew,
          .is_new = !coming_ && !is_filling};
    queues_.push_youngest(it.queue, page.frame);
    frequency_.push(page.frame, it.uses);
    limit_used(0);
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    now_ += count;
    rate_.count(LearningRate::Reference::Hit, count);
    Page& it = pages_[frame.value()];
    it.uses = {it.uses.count + count, -static_cast<std::int64_t>(now_)};
    if (it.is_demoted) enlarge_used();
    set_demoted(it, false);
    it.is_new = false;
    queues_.remove(it.queue, frame);
    it.queue = kUsed;
    queues_.push_youngest(kUsed, frame);
    limit_used(0);
  }
  void on_remove(const Resident& page, Departure departure) {
    Page& it = pages_[page.frame.value()];
    if (departure == Departure::Evicted && choice_ && choice_->expert)
      remember(*choice_->expert, page.page, {it.uses.count, it.is_new});
    set_demoted(it, false);
    queues_.remove(it.queue, page.frame);
    frequency_.remove(page.frame);
    choice_.reset();
  }
  FrameIndex choose_victim() {
    const FrameIndex lru = queues_.oldest(queues_.is_empty(kNew) ? kUsed : kNew);
    const FrameIndex lfu = frequency_.least([this](FrameIndex frame) { return pages_[frame.value()].uses; });
    // A draw stands until its page has left or was used after all.
    if (choice_ && (choice_->frame == lru || choice_->frame == lfu)) return choice_->frame;
    if (lru == lfu)
      choice_ = {lru, std::nullopt};
    else
      choice_ = draws_.generator().unit() < weights_[kLru] ? Choice{lru, kLru} : Choice{lfu, kLfu};
    return choice_->frame;
  }

 private:
  static constexpr std::size_t kLru = 0;
  static constexpr std::size_t kLfu = 1;
  static constexpr std::uint8_t kNew = 0;   // Q
  static constexpr std::uint8_t kUsed = 1;  // S

  // A use raises the count, so keys only grow although later uses come first among equal counts.
  struct Uses {
    std::uint64_t count = 0;
    std::int64_t last = 0;  // negated
    auto operator<=>(const Uses&) const = default;
  };
  struct Page {
    Uses uses;
    std::uint8_t queue = kNew;
    bool is_new = false;      // not used since it came
    bool is_demoted = false;  // came to Q from S
  };
  struct Ghost {
    std::uint64_t uses = 0;
    bool was_new = false;
  };
  struct Choice {
    FrameIndex frame;
    std::optional<std::size_t> expert;  // none where both name the same page
  };

  void set_demoted(Page& page, bool value) {
    demoted_ += value;
    demoted_ -= page.is_demoted;
    page.is_demoted = value;
  }
  // S gives its oldest pages to Q until it has room for `coming` more.
  void limit_used(std::uint64_t coming) {
    while (!queues_.is_empty(kUsed) && queues_.size(kUsed) + coming + new_limit_ > capacity_) {
      const FrameIndex frame = queues_.oldest(kUsed);
      queues_.remove(kUsed, frame);
      pages_[frame.value()].queue = kNew;
      set_demoted(pages_[frame.value()], true);
      queues_.push_youngest(kNew, frame);
    }
  }
  static std::uint64_t ratio(std::uint64_t a, std::uint64_t b) {
    return std::max<std::uint64_t>(1, b == 0 ? a : (2 * a + b) / (2 * b));
  }
  // Both sides keep at least one frame.
  void enlarge_used() {
    const std::uint64_t step = ratio(new_ghosts_, demoted_);
    new_limit_ = new_limit_ > step ? new_limit_ - step : 1;
  }
  void enlarge_new() {
    const std::uint64_t most = std::max<std::uint64_t>(1, capacity_ - 1);
    new_limit_ = std::min(most, new_limit_ + ratio(demoted_, new_ghosts_));
  }
  void blame(std::size_t expert) {
    weights_[expert] *= std::exp(-rate_.value());
    const double sum = weights_[kLru] + weights_[kLfu];
    weights_[kLru] = std::clamp(weights_[kLru] / sum, 0.01, 0.99);
    weights_[kLfu] = 1 - weights_[kLru];
  }
  void remember(std::size_t expert, VirtPage page, Ghost ghost) {
    GhostList<Ghost>& ghosts = ghosts_[expert];
    if (ghosts.limit() == 0) return;
    if (ghosts.size() == ghosts.limit()) forget(expert, ghosts.oldest());
    if (expert == kLru) new_ghosts_ += ghost.was_new;
    ghosts.push(page, ghost);
  }
  void forget(std::size_t expert, VirtPage page) {
    if (expert == kLru) new_ghosts_ -= ghosts_[kLru].find(page)->was_new;
    ghosts_[expert].remove(page);
  }

  Draws draws_;
  FrameLists<2> queues_;
  LazyArray<Page> pages_;
  FrameHeap<Uses> frequency_;
  std::array<GhostList<Ghost>, 2> ghosts_;
  LearningRate rate_;
  std::uint64_t capacity_;
  std::uint64_t new_limit_;       // frames of Q; S has the others
  std::uint64_t demoted_ = 0;     // pages in Q that came from S
  std::uint64_t new_ghosts_ = 0;  // of SR-LRU, of pages never used again
  std::uint64_t now_ = 0;
  std::array<double, 2> weights_ = {0.5, 0.5};
  std::optional<Ghost> coming_;  // of the page that is being loaded
  std::optional<Choice> choice_;
};

}  // namespace pw::policy
