// SPDX-License-Identifier: MIT
// LRU: evicts the page whose last reference lies furthest back (Mattson et al., IBM Systems Journal 1970).
//
// Exact, without reordering anything per reference: each page has the time of its last use. Victims come
// from a snapshot of all pages in the order of these times; a page used since the snapshot was taken is
// passed over, for it is younger than all that are left. When the snapshot runs out every page of it
// was used, evicted or removed, so a new one costs amortized constant time per use.
// A snapshot is sorted by its high digit at once and within a digit when that is reached, so pages that
// are passed over are never sorted.
//
// With hardware observation a page's use shows when it comes up as a victim with its Accessed bit set;
// it then counts as used at that moment (as pages on Linux's inactive list do).
#pragma once

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "base/lazy_array.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class Lru {
 public:
  static constexpr PolicyInfo info{.name = "lru",
                                   .family = Family::Recency,
                                   .observes = Observes::References,
                                   .summary = "evicts the page whose last reference lies furthest back"};
  struct Params {};

  Lru(const PolicyContext& context, Params)
      : last_use_(context.frames), accessed_bits_(context.accessed_bits), withheld_(context.withheld_uses) {}

  void on_insert(Resident page, Arrival) {
    const std::uint64_t frame = page.frame.value();
    last_use_[frame] = now_ = std::max(now_ + 1, page.time);
    highest_ = std::max(highest_, frame + 1);
  }
  void on_last_use(FrameIndex frame, std::uint64_t time) {
    std::uint64_t& last = last_use_[frame.value()];
    last = std::max(last, time);
    now_ = std::max(now_, time);
  }
  void on_remove(Resident page, Departure) { last_use_[page.frame.value()] = 0; }

  FrameIndex choose_victim() {
    for (;;) {
      if (next_ == end_) {
        open_digit();
        continue;
      }
      const std::uint32_t frame = order_[next_];
      if (const std::uint64_t use =
              withheld_ && !is_stale(frame) ? withheld_->last_use(FrameIndex(frame)) : 0)
        on_last_use(FrameIndex(frame), use);
      if (is_stale(frame)) {
        ++next_;
      } else if (accessed_bits_ && accessed_bits_->test_and_clear(FrameIndex(frame))) {
        last_use_[frame] = ++now_;
      } else {
        return FrameIndex(frame);
      }
    }
  }

 private:
  static constexpr std::size_t kMostDigits = 4096;

  bool is_stale(std::uint32_t frame) const {
    return last_use_[frame] == 0 || last_use_[frame] > snapshot_time_;
  }

  // Makes the next digit's pages, sorted, the ones to choose from.
  void open_digit() {
    if (digit_ == digits_) take_snapshot();
    const auto begin = order_.begin() + (digit_ == 0 ? 0 : digit_ends_[digit_ - 1]);
    const auto end = std::remove_if(begin, order_.begin() + digit_ends_[digit_],
                                    [this](std::uint32_t frame) { return is_stale(frame); });
    std::sort(begin, end, [this](std::uint32_t a, std::uint32_t b) {
      return last_use_[a] != last_use_[b] ? last_use_[a] < last_use_[b] : a < b;
    });
    next_ = static_cast<std::size_t>(begin - order_.begin());
    end_ = static_cast<std::size_t>(end - order_.begin());
    ++digit_;
  }

  // All pages, distributed by the high digit of their times.
  void take_snapshot() {
    if (withheld_) withheld_->deliver_all();
    std::uint64_t first = now_;
    std::size_t pages = 0;
    for_each_page([&](std::uint32_t, std::uint64_t time) {
      first = std::min(first, time);
      ++pages;
    });
    digits_ = std::min(kMostDigits, std::bit_ceil(pages));
    const int excess = std::bit_width(now_ - first) - std::bit_width(digits_ - 1);
    const unsigned shift = excess > 0 ? static_cast<unsigned>(excess) : 0;
    digit_ends_.assign(digits_, 0);
    for_each_page([&](std::uint32_t, std::uint64_t time) { ++digit_ends_[(time - first) >> shift]; });
    std::exclusive_scan(digit_ends_.begin(), digit_ends_.end(), digit_ends_.begin(), 0u);
    order_.resize(pages);
    for_each_page([&](std::uint32_t frame, std::uint64_t time) {
      order_[digit_ends_[(time - first) >> shift]++] = frame;
    });
    digit_ = 0;
    snapshot_time_ = now_;
  }

  template <class Visit>
  void for_each_page(Visit visit) const {
    for (std::uint64_t frame = 0; frame < highest_; ++frame)
      if (last_use_[frame] != 0) visit(static_cast<std::uint32_t>(frame), last_use_[frame]);
  }

  LazyArray<std::uint64_t> last_use_;  // by frame; 0: holds no evictable page
  AccessedBits* accessed_bits_;
  WithheldUses* withheld_;
  std::uint64_t highest_ = 0;  // frames at and above never held a page
  std::uint64_t now_ = 0;

  std::uint64_t snapshot_time_ = 0;   // uses after it are not in the snapshot
  std::vector<std::uint32_t> order_;  // the snapshot's frames, by digit
  std::vector<std::uint32_t> digit_ends_;
  std::size_t digits_ = 0;  // of the snapshot: as many as it has pages, up to a number
  std::size_t digit_ = 0;   // the next one to open; digits_: the snapshot has run out
  std::size_t next_ = 0;    // of the open digit: what is left to choose from
  std::size_t end_ = 0;
};

}  // namespace pw::policy
