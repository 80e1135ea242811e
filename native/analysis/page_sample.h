// SPDX-License-Identifier: MIT
// The references of a stream to a sample of its pages, kept: pages whose hash lies below the threshold of a given rate,
// or below one that sinks as pages come, so that no more than so many remain.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/bottom_sample.h"
#include "analysis/page_filter.h"
#include "analysis/page_stream.h"

namespace pw::analysis {

class PageSample {
 public:
  // REQUIRES: 0 < threshold <= kEveryPage.
  PageSample(PageFilter filter, HashThreshold threshold) : filter_(filter), threshold_(threshold) {}
  PageSample(PageFilter filter, std::uint32_t most_pages) : filter_(filter), bottom_(most_pages) {}

  void add(std::span<const PageReference> references);
  // The sampled references, once all were added. Called once.
  PageStream take();
  double rate() const { return static_cast<double>(threshold_) / static_cast<double>(kEveryPage); }

 private:
  void keep(std::span<const PageReference> references);
  void drop_unsampled();

  PageFilter filter_;
  HashThreshold threshold_ = kEveryPage;
  HashThreshold kept_below_ = kEveryPage;  // what is kept was below it
  std::optional<BottomSample> bottom_;     // of a sample of fixed size
  std::vector<PageReference> kept_;        // of a sample of fixed size, with some above the threshold
  PageStream stream_;                      // of a fixed rate
};

}  // namespace pw::analysis
