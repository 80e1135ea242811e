// SPDX-License-Identifier: MIT
// A program in phases: words drawn uniformly from an eighth of the footprint; after every `phase` accesses
// another eighth, drawn anew.
#pragma once

#include "trace/generators/generator.h"

namespace pw::trace {

class Phases final : public Generator {
 public:
  explicit Phases(const GeneratorConfig& config)
      : rng_(config.seed),
        length_(config.phase),
        words_(config.bytes / kWordBytes),
        part_(words_ / kParts > 0 ? words_ / kParts : 1) {}
  std::uint64_t next_offset() override {
    if (done_ % length_ == 0) start_ = rng_.below(words_ / part_) * part_;
    ++done_;
    return (start_ + rng_.below(part_)) * kWordBytes;
  }

 private:
  static constexpr std::uint64_t kParts = 8;
  Rng rng_;
  std::uint64_t length_;
  std::uint64_t words_;
  std::uint64_t part_;
  std::uint64_t start_ = 0;
  std::uint64_t done_ = 0;
};

}  // namespace pw::trace
