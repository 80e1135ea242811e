// SPDX-License-Identifier: MIT
// One word in each page, in the order of a random cycle through all pages, again and again: what a benchmark of
// memory latency does. Each access depends on the one before.
#pragma once

#include "trace/generators/generator.h"
#include "trace/generators/permutation.h"

namespace pw::trace {

class PointerChase final : public Generator {
 public:
  explicit PointerChase(const GeneratorConfig& config)
      : pages_((config.bytes + kFrameBytes - 1) / kFrameBytes), order_(pages_, config.seed) {}
  std::uint64_t next_offset() override {
    const std::uint64_t page = order_.at(step_);
    step_ = step_ + 1 == pages_ ? 0 : step_ + 1;
    return page * kFrameBytes;
  }

 private:
  std::uint64_t pages_;
  Permutation order_;
  std::uint64_t step_ = 0;
};

}  // namespace pw::trace
