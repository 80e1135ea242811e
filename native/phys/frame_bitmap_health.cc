// SPDX-License-Identifier: MIT
// Whether a bitmap's summaries are those of its words.
#include "phys/frame_bitmap.h"

namespace pw::phys {

void FrameBitmap::check_tail(unsigned level, std::uint64_t bits, std::vector<std::string>& violations) const {
  if (bits % 64 == 0) return;
  const std::uint64_t tail = ~0ull << bits % 64;
  if ((full_[level][words_[level] - 1] & busy_[level][words_[level] - 1] & tail) != tail) {
    violations.push_back("bitmap: level " + std::to_string(level) + " has a clear bit beyond its end");
  }
}

void FrameBitmap::check_summaries(unsigned level, std::vector<std::string>& violations) const {
  std::uint64_t wrong_full = 0;
  std::uint64_t wrong_busy = 0;
  for (std::uint64_t i = 0; i < words_[level - 1]; ++i) {
    const bool is_full = (full_[level][i / 64] >> i % 64 & 1) != 0;
    const bool is_busy = (busy_[level][i / 64] >> i % 64 & 1) != 0;
    wrong_full += is_full != (full_[level - 1][i] == kAllOnes);
    wrong_busy += is_busy != (busy_[level - 1][i] != 0);
  }
  const auto report = [&](std::uint64_t wrong, const char* summary) {
    if (wrong == 0) return;
    violations.push_back("bitmap: " + std::to_string(wrong) + " wrong bits in level " +
                         std::to_string(level) + " of the summary of " + summary + " words");
  };
  report(wrong_full, "full");
  report(wrong_busy, "busy");
}

std::vector<std::string> FrameBitmap::validate() const {
  std::vector<std::string> violations;
  check_tail(0, frames_, violations);
  for (unsigned k = 1; k < kLevels; ++k) {
    check_tail(k, words_[k - 1], violations);
    check_summaries(k, violations);
  }
  const std::uint64_t lowest = next_free(0);
  if (lowest < frames_ && lowest / 64 < low_word_)
    violations.push_back("bitmap: a free frame lies below the low hint");
  const std::uint64_t above = next_free((high_word_ + 1) * 64);
  if (above < frames_) violations.push_back("bitmap: a free frame lies above the high hint");
  return violations;
}

}  // namespace pw::phys
