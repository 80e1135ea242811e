// SPDX-License-Identifier: MIT
#include "analysis/stream_future.h"

#include "base/check.h"

namespace pw::analysis {

StreamFuture::StreamFuture(const PageStream& stream, const Residency& residency)
    : stream_(stream), residency_(residency), next_uses_(stream.runs().size()) {
  PW_CHECK(next_uses_.size() < kNone);
  std::vector<std::uint32_t> next_of_page(stream.numbers(), kNone);
  for (std::size_t run = next_uses_.size(); run-- > 0;) {
    std::uint32_t& next = next_of_page[stream.runs()[run].page];
    next_uses_[run] = next;
    next = static_cast<std::uint32_t>(run);
  }
}

}  // namespace pw::analysis
