// SPDX-License-Identifier: MIT
#include "phys/frame_bitmap.h"

#include <algorithm>
#include <span>

namespace pw::phys {
namespace {

constexpr std::uint64_t kNone = ~0ull;

// Bits first..last of a word, both included.
constexpr std::uint64_t mask_of(std::uint64_t first, std::uint64_t last) {
  return (~0ull << first) & (~0ull >> (63 - last));
}

// Calls visit(word index, mask) for the words that hold bits first..last.
template <class Visit>
void for_each_word(std::uint64_t first, std::uint64_t last, Visit visit) {
  for (std::uint64_t index = first / 64; index <= last / 64; ++index) {
    visit(index, mask_of(index == first / 64 ? first % 64 : 0, index == last / 64 ? last % 64 : 63));
  }
}

// The first set bit at or after `from`, counted in bits of level `base`. word(k, i) has a bit set where
// the word below it is not zero.
template <class Word>
std::uint64_t find_forward(unsigned base, std::uint64_t from, std::span<const std::uint64_t> words,
                           Word word) {
  for (unsigned k = base; k < words.size() && from / 64 < words[k]; ++k) {
    const std::uint64_t index = from / 64;
    if (const std::uint64_t bits = word(k, index) & (~0ull << from % 64)) {
      std::uint64_t place = index * 64 + std::countr_zero(bits);
      while (k-- > base) place = place * 64 + std::countr_zero(word(k, place));
      return place;
    }
    from = index + 1;
  }
  return kNone;
}

// The last set bit at or before `from`, likewise.
template <class Word>
std::uint64_t find_backward(unsigned base, std::uint64_t from, std::size_t levels, Word word) {
  for (unsigned k = base; k < levels; ++k) {
    const std::uint64_t index = from / 64;
    if (const std::uint64_t bits = word(k, index) & (~0ull >> (63 - from % 64))) {
      std::uint64_t place = index * 64 + 63 - std::countl_zero(bits);
      while (k-- > base) place = place * 64 + 63 - std::countl_zero(word(k, place));
      return place;
    }
    if (index == 0) return kNone;
    from = index - 1;
  }
  return kNone;
}

// Bit i is set where bits i..i+2^order-1 of `free` are set and i is a multiple of 2^order.
constexpr std::uint64_t aligned_groups(std::uint64_t free, unsigned order) {
  constexpr std::uint64_t kStarts[] = {~0ull,
                                       0x5555555555555555,
                                       0x1111111111111111,
                                       0x0101010101010101,
                                       0x0001000100010001,
                                       0x0000000100000001};
  for (unsigned width = 1; width < 1u << order; width *= 2) free &= free >> width;
  return free & kStarts[order];
}
static_assert(aligned_groups(0b1111'0110, 1) == 0b0101'0000);
static_assert(aligned_groups(0b1111'0110, 2) == 0b0001'0000);
static_assert(aligned_groups(~0ull, 5) == 0x0000000100000001);

}  // namespace

FrameBitmap::FrameBitmap(std::uint64_t frames) : frames_(frames) {
  PW_CHECK(frames > 0 && frames <= 1ull << (kMaxPhysBits - kFrameShift));
  std::uint64_t total = 0;
  std::uint64_t bits = frames;
  for (unsigned k = 0; k < kLevels; ++k) {
    bits = words_[k] = (bits + 63) / 64;
    total += words_[k] * (k == 0 ? 1 : 2);
  }
  while (words_[top_] > 1) ++top_;
  storage_ = LazyArray<std::uint64_t>(static_cast<std::size_t>(total), Fills::Anywhere);
  std::uint64_t* place = storage_.data();
  for (unsigned k = 0; k < kLevels; ++k) {
    full_[k] = place;
    busy_[k] = k == 0 ? place : place + words_[k];
    place = busy_[k] + words_[k];
  }
  high_word_ = words_[0] - 1;
  set_tails();
}

// Only the last word of each level is written.
void FrameBitmap::set_tails() {
  std::uint64_t bits = frames_;
  for (unsigned k = 0; k < kLevels; ++k) {
    const std::uint64_t last = words_[k] - 1;
    if (bits % 64 != 0) {
      full_[k][last] |= ~0ull << bits % 64;
      busy_[k][last] |= ~0ull << bits % 64;
    }
    if (k + 1 < kLevels && busy_[k][last] != 0) busy_[k + 1][last / 64] |= 1ull << last % 64;
    bits = words_[k];
  }
}

bool FrameBitmap::move_hint(End end) {
  if (full_[top_][0] == kAllOnes) return false;
  std::uint64_t place = 0;
  for (unsigned k = top_; k > 0; --k) place = place * 64 + first_zero(full_[k][place], end);
  (end == End::Low ? low_word_ : high_word_) = place;
  return true;
}

void FrameBitmap::raise_full(std::uint64_t index) {
  for (unsigned k = 1; k < kLevels; ++k, index /= 64) {
    std::uint64_t& word = full_[k][index / 64];
    word |= 1ull << index % 64;
    if (word != kAllOnes) return;
  }
}

void FrameBitmap::lower_full(std::uint64_t index) {
  for (unsigned k = 1; k < kLevels; ++k, index /= 64) {
    std::uint64_t& word = full_[k][index / 64];
    const bool was_full = word == kAllOnes;
    word &= ~(1ull << index % 64);
    if (!was_full) return;
  }
}

void FrameBitmap::raise_busy(std::uint64_t index) {
  for (unsigned k = 1; k < kLevels; ++k, index /= 64) {
    std::uint64_t& word = busy_[k][index / 64];
    const bool was_busy = word != 0;
    word |= 1ull << index % 64;
    if (was_busy) return;
  }
}

void FrameBitmap::lower_busy(std::uint64_t index) {
  for (unsigned k = 1; k < kLevels; ++k, index /= 64) {
    std::uint64_t& word = busy_[k][index / 64];
    word &= ~(1ull << index % 64);
    if (word != 0) return;
  }
}

void FrameBitmap::set_run_used(std::uint64_t first, std::uint64_t count) {
  std::uint64_t last = first + count - 1;
  for_each_word(first, last, [&](std::uint64_t i, std::uint64_t mask) { used()[i] |= mask; });
  for (unsigned k = 1; k < kLevels; ++k) {
    first /= 64;
    last /= 64;
    for_each_word(first, last, [&](std::uint64_t i, std::uint64_t mask) { busy_[k][i] |= mask; });
    for (std::uint64_t i = first; i <= last; ++i) {
      if (full_[k - 1][i] == kAllOnes) full_[k][i / 64] |= 1ull << i % 64;
    }
  }
}

void FrameBitmap::set_run_free(std::uint64_t first, std::uint64_t count) {
  std::uint64_t last = first + count - 1;
  low_word_ = std::min(low_word_, first / 64);
  high_word_ = std::max(high_word_, last / 64);
  for_each_word(first, last, [&](std::uint64_t i, std::uint64_t mask) { used()[i] &= ~mask; });
  for (unsigned k = 1; k < kLevels; ++k) {
    first /= 64;
    last /= 64;
    for_each_word(first, last, [&](std::uint64_t i, std::uint64_t mask) { full_[k][i] &= ~mask; });
    for (std::uint64_t i = first; i <= last; ++i) {
      if (busy_[k - 1][i] == 0) busy_[k][i / 64] &= ~(1ull << i % 64);
    }
  }
}

std::uint64_t FrameBitmap::next_free(std::uint64_t from) const {
  return find_forward(0, from, words_, [&](unsigned k, std::uint64_t i) { return ~full_[k][i]; });
}

std::uint64_t FrameBitmap::next_used(std::uint64_t from) const {
  return find_forward(0, from, words_, [&](unsigned k, std::uint64_t i) { return busy_[k][i]; });
}

std::optional<std::uint64_t> FrameBitmap::find_aligned(unsigned order, End end) const {
  if (order > kMaxPhysBits - kFrameShift || frames_ >> order == 0) return std::nullopt;
  const unsigned level = order / 6;
  const auto room = [&](unsigned k, std::uint64_t i) { return ~full_[k][i]; };
  const auto next = [&](std::uint64_t from) {
    return end == End::Low ? find_forward(level + 1, from, words_, room)
                           : find_backward(level + 1, from, kLevels, room);
  };
  std::uint64_t word = next(end == End::Low ? 0 : words_[level] - 1);
  while (word != kNone) {
    if (const std::uint64_t groups = aligned_groups(~busy_[level][word], order % 6)) {
      return (word * 64 + first_zero(~groups, end)) << 6 * level;
    }
    if (end == End::High && word == 0) return std::nullopt;
    word = next(end == End::Low ? word + 1 : word - 1);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> FrameBitmap::find_run(std::uint64_t count, std::uint64_t alignment,
                                                   End end) const {
  if (count > frames_) return std::nullopt;
  return end == End::Low ? find_run_low(count, alignment) : find_run_high(count, alignment);
}

std::optional<std::uint64_t> FrameBitmap::find_run_low(std::uint64_t count, std::uint64_t alignment) const {
  for (std::uint64_t start = next_free(0); start != kNone; start = next_free(start)) {
    start = (start + alignment - 1) & ~(alignment - 1);
    if (start > frames_ - count) break;
    const std::uint64_t stop = next_used(start);
    if (stop - start >= count) return start;
    start = stop;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> FrameBitmap::find_run_high(std::uint64_t count, std::uint64_t alignment) const {
  const auto room = [&](unsigned k, std::uint64_t i) { return ~full_[k][i]; };
  const auto taken = [&](unsigned k, std::uint64_t i) { return busy_[k][i]; };
  for (std::uint64_t last = frames_ - 1;;) {
    last = find_backward(0, last, kLevels, room);
    if (last == kNone || last + 1 < count) return std::nullopt;
    const std::uint64_t start = (last + 1 - count) & ~(alignment - 1);
    const std::uint64_t stop = find_backward(0, start + count - 1, kLevels, taken);
    if (stop == kNone || stop < start) return start;
    if (stop == 0) return std::nullopt;
    last = stop - 1;
  }
}

std::uint64_t FrameBitmap::count_used() const {
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < words_[0]; ++i) count += static_cast<unsigned>(std::popcount(used()[i]));
  const std::uint64_t tail = words_[0] * 64 - frames_;
  return count - tail;
}

}  // namespace pw::phys
