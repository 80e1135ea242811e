// SPDX-License-Identifier: MIT
// Any word, each as likely: the enemy of every cache. Also what random updates of a table (GUPS) touch.
#pragma once

#include "trace/generators/generator.h"

namespace pw::trace {

class Uniform final : public Generator {
 public:
  explicit Uniform(const GeneratorConfig& config) : rng_(config.seed), words_(config.bytes / kWordBytes) {}
  std::uint64_t next_offset() override { return rng_.below(words_) * kWordBytes; }

 private:
  Rng rng_;
  std::uint64_t words_;
};

}  // namespace pw::trace
