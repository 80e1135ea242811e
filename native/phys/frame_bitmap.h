// SPDX-License-Identifier: MIT
// A hierarchical bitmap of used frames: two summaries, 64-ary, over one bit a frame.
//
//   level 0   bit i: frame i is used
//   full(k)   bit i: word i of full(k-1) has no room        (where is a free frame?)
//   busy(k)   bit i: word i of busy(k-1) is not all zero    (where is a free run of 64^k frames?)
//
// - Zero means free everywhere, so that a fresh bitmap is untouched host memory.
// - Bits beyond the end of a level are set: no search can find them.
// - Words below low_word_ and above high_word_ are full: most searches end at these hints.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/lazy_array.h"
#include "phys/frame_allocator.h"

namespace pw::phys {

class FrameBitmap {
 public:
  // REQUIRES: 0 < frames <= 2^40
  explicit FrameBitmap(std::uint64_t frames);

  std::uint64_t frames() const { return frames_; }
  bool is_used(std::uint64_t frame) const { return (used()[frame / 64] >> frame % 64 & 1) != 0; }

  // Takes the lowest or highest free frame; false: there is none.
  template <End kEnd>
  PW_ALWAYS_INLINE bool take(std::uint64_t& frame) {
    std::uint64_t& hint = kEnd == End::Low ? low_word_ : high_word_;
    if (used()[hint] == kAllOnes && !move_hint(kEnd)) [[unlikely]]
      return false;
    frame = hint * 64 + first_zero(used()[hint], kEnd);
    set_used(frame);
    return true;
  }

  // REQUIRES: the frame is free
  PW_ALWAYS_INLINE void set_used(std::uint64_t frame) {
    std::uint64_t& word = used()[frame / 64];
    if (word == 0) raise_busy(frame / 64);
    word |= 1ull << frame % 64;
    if (word == kAllOnes) raise_full(frame / 64);
  }

  // REQUIRES: the frame is used and not beyond the end
  PW_ALWAYS_INLINE void set_free(std::uint64_t frame) {
    const std::uint64_t index = frame / 64;
    std::uint64_t& word = used()[index];
    if (word == kAllOnes) lower_full(index);
    word &= ~(1ull << frame % 64);
    if (word == 0) lower_busy(index);
    if (index < low_word_) low_word_ = index;
    if (index > high_word_) high_word_ = index;
  }

  // REQUIRES: the run is not empty and lies below frames()
  void set_run_used(std::uint64_t first, std::uint64_t count);
  void set_run_free(std::uint64_t first, std::uint64_t count);

  // An aligned free run of 2^order frames: scans words of the level that has one bit per 64^(order/6)
  // frames and skips full ones.
  std::optional<std::uint64_t> find_aligned(unsigned order, End end) const;
  // A free run of any length at a multiple of `alignment`: steps from one free stretch to the next.
  std::optional<std::uint64_t> find_run(std::uint64_t count, std::uint64_t alignment, End end) const;

  // The next frame at or after `from` that is free (used); frames() or more where there is none.
  std::uint64_t next_free(std::uint64_t from) const;
  std::uint64_t next_used(std::uint64_t from) const;

  std::uint64_t count_used() const;
  // Checks every summary bit, the bits beyond the end and the hints.
  std::vector<std::string> validate() const;

 private:
  static constexpr std::uint64_t kAllOnes = ~0ull;
  static constexpr unsigned kLevels = 9;  // 64^7 frames are enough; orders up to 40 look two levels up
  using Levels = std::array<std::uint64_t*, kLevels>;

  static unsigned first_zero(std::uint64_t word, End end) {
    return static_cast<unsigned>(end == End::Low ? std::countr_one(word) : 63 - std::countl_one(word));
  }

  std::uint64_t* used() { return full_[0]; }
  const std::uint64_t* used() const { return full_[0]; }

  // The hint's word is full: moves it to the next word with room, if there is one.
  PW_NOINLINE bool move_hint(End end);
  // Word `index` of level 0 became all ones (full) or non-zero (busy), or is about to cease to be: sets
  // or clears its bits upward, to the first level where nothing changes.
  PW_NOINLINE void raise_full(std::uint64_t index);
  PW_NOINLINE void lower_full(std::uint64_t index);
  PW_NOINLINE void raise_busy(std::uint64_t index);
  PW_NOINLINE void lower_busy(std::uint64_t index);

  std::optional<std::uint64_t> find_run_low(std::uint64_t count, std::uint64_t alignment) const;
  std::optional<std::uint64_t> find_run_high(std::uint64_t count, std::uint64_t alignment) const;
  void set_tails();
  void check_tail(unsigned level, std::uint64_t bits, std::vector<std::string>& violations) const;
  void check_summaries(unsigned level, std::vector<std::string>& violations) const;

  std::uint64_t frames_;
  unsigned top_ = 0;                            // the lowest level of one word
  std::array<std::uint64_t, kLevels> words_{};  // of each level
  LazyArray<std::uint64_t> storage_;
  Levels full_{};  // level 0 of both is the bitmap itself
  Levels busy_{};
  std::uint64_t low_word_ = 0;
  std::uint64_t high_word_ = 0;
};

}  // namespace pw::phys
