// SPDX-License-Identifier: MIT
// One word every `stride` bytes; each pass over the footprint starts one word further, as a walk along
// the columns of a matrix does.
#pragma once

#include "trace/generators/generator.h"

namespace pw::trace {

class Strided final : public Generator {
 public:
  explicit Strided(const GeneratorConfig& config) : bytes_(config.bytes), stride_(config.stride) {}
  std::uint64_t next_offset() override {
    const std::uint64_t offset = offset_;
    offset_ += stride_;
    if (offset_ >= bytes_) {
      start_ = (start_ + kWordBytes) % (stride_ < bytes_ ? stride_ : bytes_);
      offset_ = start_;
    }
    return offset;
  }

 private:
  std::uint64_t bytes_;
  std::uint64_t stride_;
  std::uint64_t start_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace pw::trace
