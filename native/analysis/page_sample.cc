// SPDX-License-Identifier: MIT
#include "analysis/page_sample.h"

#include <algorithm>
#include <utility>

namespace pw::analysis {

void PageSample::add(std::span<const PageReference> references) {
  constexpr std::size_t kBlock = 1 << 16;  // between two looks at the threshold
  std::vector<PageReference> selected;
  while (!references.empty()) {
    const std::span<const PageReference> block = references.first(std::min(references.size(), kBlock));
    selected.clear();
    filter_.select(block, threshold_, selected);
    if (bottom_)
      keep(selected);
    else
      stream_.add(selected);
    references = references.subspan(block.size());
  }
}

void PageSample::keep(std::span<const PageReference> references) {
  for (const PageReference reference : references) {
    const std::uint32_t hash = filter_.hash_of(reference);
    if (hash >= bottom_->threshold()) continue;
    bottom_->slot_of(reference & ~kStoreBit, hash);
    bottom_->shrink([](std::uint32_t) {});
    kept_.push_back(reference);
  }
  threshold_ = bottom_->threshold();
  if (threshold_ < kept_below_ / 2) drop_unsampled();
}

void PageSample::drop_unsampled() {
  std::erase_if(kept_, [this](PageReference reference) { return filter_.hash_of(reference) >= threshold_; });
  kept_below_ = threshold_;
}

PageStream PageSample::take() {
  if (bottom_) {
    drop_unsampled();
    stream_.add(kept_);
    kept_ = {};
  }
  return std::move(stream_);
}

}  // namespace pw::analysis
