// SPDX-License-Identifier: MIT
// Where pages are: by page the frame and whether it is dirty, by frame the page.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "analysis/page_numbering.h"
#include "base/lazy_array.h"
#include "policy/replacement/policy.h"

namespace pw::analysis {

class Residency final : public policy::DirtyBits, public policy::PageNames {
 public:
  // REQUIRES: frames < 2^31. At most that many pages are resident at once.
  Residency(const PageNumbering& numbering, std::uint64_t frames) : numbering_(numbering), page_in_(frames) {}

  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

  // Knows every page that has a number by now.
  void welcome_new_pages() {
    if (const std::size_t numbers = numbering_.numbers(); numbers > places_.size())
      places_.resize(std::max(numbers, 2 * places_.size()), kNowhere);
  }
  // Twice the frame, and 1 if the page is dirty; kNowhere if it is not resident.
  std::uint32_t& place(std::uint32_t page) { return places_[page]; }
  // Always inline: compilers drop calls of what only prefetches.
  PW_ALWAYS_INLINE void prefetch(std::uint32_t page) const { PW_PREFETCH(&places_[page]); }
  FrameIndex frame_of(std::uint32_t page) const { return FrameIndex(places_[page] >> 1); }
  VirtPage page_in(FrameIndex frame) const { return VirtPage(page_in_[frame.value()]); }
  std::uint64_t size() const { return used_ - free_.size(); }

  FrameIndex load(std::uint32_t page, std::uint32_t stores) {
    const std::uint32_t frame = take_frame();
    places_[page] = frame << 1 | stores;
    page_in_[frame] = page;
    return FrameIndex(frame);
  }
  // Whether the page in the frame has to be written back.
  bool drop(FrameIndex frame) {
    PW_CHECK(frame.value() < used_);
    std::uint32_t& place = places_[page_in_[frame.value()]];
    PW_CHECK(place >> 1 == frame.value());
    const bool dirty = (place & 1) != 0;
    place = kNowhere;
    free_.push_back(static_cast<std::uint32_t>(frame.value()));
    return dirty;
  }
  VirtPage name(VirtPage number) const override {
    return VirtPage(numbering_.page(static_cast<std::uint32_t>(number.value())));
  }
  bool test(FrameIndex frame) override { return (places_[page_in_[frame.value()]] & 1) != 0; }

 private:
  std::uint32_t take_frame() {
    if (free_.empty()) return used_++;
    const std::uint32_t frame = free_.back();
    free_.pop_back();
    return frame;
  }

  const PageNumbering& numbering_;
  std::vector<std::uint32_t> places_;
  LazyArray<std::uint32_t> page_in_;
  std::vector<std::uint32_t> free_;  // frames whose pages left
  std::uint32_t used_ = 0;           // frames at and above never held a page
};

}  // namespace pw::analysis
