// SPDX-License-Identifier: MIT
// The future of a page stream, for the bounds: times are the numbers of runs.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/page_stream.h"
#include "analysis/residency.h"
#include "policy/replacement/policy.h"

namespace pw::analysis {

class StreamFuture final : public policy::Future {
 public:
  StreamFuture(const PageStream& stream, const Residency& residency);

  std::uint64_t end() const override { return next_uses_.size(); }
  std::uint64_t now() const override { return now_; }
  std::uint64_t next_use() const override {
    const std::uint32_t next = next_uses_[now_];
    return next == kNone ? kNever : next;
  }
  FrameIndex frame_used_at(std::uint64_t time) const override {
    return residency_.frame_of(stream_.runs()[time].page);
  }
  void set_now(std::uint64_t run) { now_ = run; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  const PageStream& stream_;
  const Residency& residency_;
  std::vector<std::uint32_t> next_uses_;  // by run
  std::uint64_t now_ = 0;
};

}  // namespace pw::analysis
