// SPDX-License-Identifier: MIT
// Pages by their last use, exact, without reordering anything per use: each page has the time of its last
// use. The oldest come from a snapshot of all pages in the order of these times; a page used since the
// snapshot was taken is passed over, for it is younger than all that are left. When the snapshot runs out
// every page of it was used or removed, so a new one costs amortized constant time per use.
// A snapshot is sorted by its high digit at once and within a digit when that is reached, so pages that
// are passed over are never sorted. 16 bytes a page.
#pragma once

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "base/lazy_array.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class RecencyOrder {
 public:
  // For frame indices below `frames`.
  explicit RecencyOrder(std::uint64_t frames) : last_use_(frames), listed_(frames) {}

  std::uint64_t size() const { return size_; }
  bool is_empty() const { return size_ == 0; }
  bool contains(FrameIndex frame) const { return last_use_[frame.value()] > kAbsent; }
  // Times are the owner's, above 0; without one a use is later by 1 than any before it.
  std::uint64_t last_use(FrameIndex frame) const { return last_use_[frame.value()] - kAbsent; }

  // It becomes the youngest, used at `time` or later. REQUIRES: the frame is not there.
  void insert(FrameIndex frame, std::uint64_t time = 0) {
    std::uint64_t& last = last_use_[frame.value()];
    if (last == kUnlisted) listed_[listed_count_++] = static_cast<std::uint32_t>(frame.value());
    last = now_ = std::max(now_ + 1, time + kAbsent);
    ++size_;
  }
  // It becomes the youngest. REQUIRES: the frame is there.
  void use(FrameIndex frame) { last_use_[frame.value()] = ++now_; }
  // It was used at `time`, if not later; told in any order, before an insert with a later time.
  // REQUIRES: the frame is there. Nothing here waits for the store of the use before.
  void use(FrameIndex frame, std::uint64_t time) { last_uses().note(frame, time); }
  // The same for others. Valid as long as the order.
  LastUses last_uses() { return LastUses(last_use_.data()); }
  // REQUIRES: the frame is there.
  void remove(FrameIndex frame) {
    last_use_[frame.value()] = kAbsent;
    --size_;
  }

  // The frame whose last use lies furthest back. `tell_uses` is called before all are looked at, for owners
  // that hold some back. REQUIRES: not empty.
  template <class TellUses>
  FrameIndex oldest(TellUses tell_uses) {
    PW_DCHECK(size_ > 0);
    for (;;) {
      while (next_ < end_) {
        const std::uint32_t frame = snapshot_[next_];
        if (!is_stale(frame)) return FrameIndex(frame);
        ++next_;
      }
      if (digit_ == digit_ends_.size()) {
        tell_uses();
        take_snapshot();
      }
      open_digit();
    }
  }
  FrameIndex oldest() {
    return oldest([] {});
  }

 private:
  static constexpr std::uint64_t kUnlisted = 0;
  static constexpr std::uint64_t kAbsent = 1;  // in listed_ still
  static constexpr std::size_t kPagesInDigit = 8;
  static constexpr std::size_t kMostDigits = 4096;

  bool is_stale(std::uint32_t frame) const {
    return last_use_[frame] <= kAbsent || last_use_[frame] > snapshot_time_;
  }

  // Makes the next digit's pages, sorted, the ones to choose from.
  void open_digit() {
    const auto begin = snapshot_.begin() + (digit_ == 0 ? 0 : digit_ends_[digit_ - 1]);
    const auto end = std::remove_if(begin, snapshot_.begin() + digit_ends_[digit_],
                                    [this](std::uint32_t frame) { return is_stale(frame); });
    std::sort(begin, end, [this](std::uint32_t a, std::uint32_t b) {
      return last_use_[a] != last_use_[b] ? last_use_[a] < last_use_[b] : a < b;
    });
    next_ = static_cast<std::size_t>(begin - snapshot_.begin());
    end_ = static_cast<std::size_t>(end - snapshot_.begin());
    ++digit_;
  }

  // All pages, distributed by the high digit of their times.
  void take_snapshot() {
    const std::uint64_t first = list_present();
    const std::size_t digits =
        std::clamp(std::bit_ceil(listed_count_ / kPagesInDigit), std::size_t{1}, kMostDigits);
    const int excess = std::bit_width(now_ - first) - std::bit_width(digits - 1);
    const unsigned shift = excess > 0 ? static_cast<unsigned>(excess) : 0;
    digit_ends_.assign(digits, 0);
    for (const std::uint32_t frame : listed()) ++digit_ends_[(last_use_[frame] - first) >> shift];
    std::exclusive_scan(digit_ends_.begin(), digit_ends_.end(), digit_ends_.begin(), 0u);
    snapshot_.resize(listed_count_);
    for (const std::uint32_t frame : listed())
      snapshot_[digit_ends_[(last_use_[frame] - first) >> shift]++] = frame;
    digit_ = 0;
    snapshot_time_ = now_;
  }
  std::span<const std::uint32_t> listed() const { return {listed_.data(), listed_count_}; }
  // Takes what is absent off the list; gives the earliest last use.
  std::uint64_t list_present() {
    std::uint64_t first = ~std::uint64_t{0};
    std::size_t present = 0;
    for (const std::uint32_t frame : listed()) {
      std::uint64_t& last = last_use_[frame];
      if (last == kAbsent) {
        last = kUnlisted;
      } else {
        first = std::min(first, last);
        now_ = std::max(now_, last);
        listed_[present++] = frame;
      }
    }
    listed_count_ = present;
    return first;
  }

  LazyArray<std::uint64_t> last_use_;  // by frame; times plus kAbsent
  LazyArray<std::uint32_t> listed_;    // every frame that is there, and some that were
  std::size_t listed_count_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t now_ = kAbsent;

  std::uint64_t snapshot_time_ = 0;      // uses after it are not in the snapshot
  std::vector<std::uint32_t> snapshot_;  // frames, by digit
  std::vector<std::uint32_t> digit_ends_;
  std::size_t digit_ = 0;  // the next one to open; at the end: the snapshot has run out
  std::size_t next_ = 0;   // of the open digit: what is left to choose from
  std::size_t end_ = 0;
};

}  // namespace pw::policy
