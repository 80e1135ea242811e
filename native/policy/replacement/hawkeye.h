// SPDX-License-Identifier: MIT
// In the style of Hawkeye (Jain and Lin, "Back to the Future", ISCA 2016): learns what OPT would have kept
// of the past, and evicts first what is predicted not to be kept. The paper predicts by the instruction
// that loads; page references have none, so pages predict by the region of `region` pages that they lie in.
// As regions do not share predictions, all pages are watched and not a sample.
//
// OPT is reconstructed as OPTgen does: time is cut into quanta, in each of which as many different pages
// are used as an eighth of the frames; a page's interval of use fits if no quantum in it is full, and then
// fills them. It looks back 64 quanta.
// Ghosts (the last uses of pages): 4 times the frames, 32 to 75 bytes each.
#pragma once

#include <algorithm>
#include <array>

#include "base/lazy_array.h"
#include "base/param.h"
#include "policy/frame_list.h"
#include "policy/ghost_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Hawkeye {
 public:
  static constexpr PolicyInfo info{.name = "hawkeye",
                                   .family = Family::Adaptive,
                                   .observes = Observes::References,
                                   .summary = "learns from what OPT would have kept of the past"};
  struct Params {
    static constexpr std::array kSpecs = {ParamSpec{.name = "region",
                                                    .default_value = 16,
                                                    .minimum = 1,
                                                    .maximum = 1048576,
                                                    .unit = "pages",
                                                    .summary = "that share a prediction"}};
    static Params of(const ParamValues& values) { return {static_cast<std::uint64_t>(values.integer(0))}; }

    std::uint64_t region = 16;
  };

  Hawkeye(const PolicyContext& context, Params params)
      : queues_(context.frames),
        pages_(context.frames),
        last_uses_(4 * context.capacity, context),
        page_names_(context.page_names),
        capacity_(context.capacity),
        quantum_(std::max<std::uint64_t>(1, context.capacity / 8)),
        region_(params.region) {
    confidence_.fill(kFriendlyFrom);
  }

  void on_fault(VirtPage page, std::uint64_t) { learn(page); }
  void on_insert(const Resident& page, Arrival) {
    pages_[page.frame.value()] = {page.page.value(), kFriendly};
    push(page.frame);
  }
  void on_access(FrameIndex frame, std::uint32_t count) {
    const Page& page = pages_[frame.value()];
    for (; count > 0; --count) learn(VirtPage(page.page));
    queues_.remove(page.queue, frame);
    push(frame);
  }
  void on_remove(const Resident& page, Departure departure) {
    const std::uint8_t queue = pages_[page.frame.value()].queue;
    queues_.remove(queue, page.frame);
    // A page that was to be kept had to go: its region is trusted less.
    if (queue == kFriendly && departure == Departure::Evicted) trust(page.page, false);
  }
  FrameIndex choose_victim() { return queues_.oldest(queues_.is_empty(kAverse) ? kFriendly : kAverse); }

 private:
  static constexpr std::uint8_t kAverse = 0;
  static constexpr std::uint8_t kFriendly = 1;
  static constexpr std::size_t kQuanta = 64;
  static constexpr std::size_t kPredictions = 8192;
  static constexpr std::uint8_t kMostConfidence = 7;
  static constexpr std::uint8_t kFriendlyFrom = 4;

  struct Page {
    std::uint64_t page = 0;
    std::uint8_t queue = kFriendly;
  };

  static std::uint64_t hash(std::uint64_t value) {
    value *= 0x9e3779b97f4a7c15;
    return value ^ value >> 32;
  }
  std::uint8_t& confidence(VirtPage page) {
    return confidence_[hash(name_of(page, page_names_).value() / region_) % kPredictions];
  }
  void trust(VirtPage page, bool kept) {
    std::uint8_t& its = confidence(page);
    if (kept ? its < kMostConfidence : its > 0) its = static_cast<std::uint8_t>(kept ? its + 1 : its - 1);
  }
  void push(FrameIndex frame) {
    Page& page = pages_[frame.value()];
    page.queue = confidence(VirtPage(page.page)) >= kFriendlyFrom ? kFriendly : kAverse;
    queues_.push_youngest(page.queue, frame);
  }

  // A use of a page: would OPT have kept it since the one before?
  void learn(VirtPage page) {
    if (const std::uint64_t* last = last_uses_.find(page)) {
      trust(page, now_ - *last < kQuanta && fits(*last, now_));
      if (*last == now_) return;
      last_uses_.remove(page);
    }
    last_uses_.push(page, now_);
    if (++used_ == quantum_) {
      used_ = 0;
      occupied_[++now_ % kQuanta] = 0;
    }
  }
  bool fits(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t quantum = from; quantum < to; ++quantum)
      if (occupied_[quantum % kQuanta] >= capacity_) return false;
    for (std::uint64_t quantum = from; quantum < to; ++quantum) ++occupied_[quantum % kQuanta];
    return true;
  }

  FrameLists<2> queues_;  // by last use
  LazyArray<Page> pages_;
  GhostList<std::uint64_t> last_uses_;  // with the quantum
  const PageNames* page_names_;
  std::uint64_t capacity_;
  std::uint64_t quantum_;  // pages used in one quantum
  std::uint64_t region_;
  std::uint64_t now_ = 0;   // the present quantum
  std::uint64_t used_ = 0;  // pages used in it so far
  std::array<std::uint64_t, kQuanta> occupied_{};
  std::array<std::uint8_t, kPredictions> confidence_{};  // 3-bit counters, by region
};

}  // namespace pw::policy
