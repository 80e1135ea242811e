// SPDX-License-Identifier: MIT
// Every word in turn, around and around: the friend of readahead.
#pragma once

#include "trace/generators/generator.h"

namespace pw::trace {

class Sequential final : public Generator {
 public:
  explicit Sequential(const GeneratorConfig& config) : bytes_(config.bytes) {}
  std::uint64_t next_offset() override {
    const std::uint64_t offset = offset_;
    offset_ += kWordBytes;
    if (offset_ >= bytes_) offset_ = 0;
    return offset;
  }

 private:
  std::uint64_t bytes_;
  std::uint64_t offset_ = 0;
};

}  // namespace pw::trace
