// SPDX-License-Identifier: MIT
// The producer of synthetic traces: a generator's offsets, made into accesses.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>

#include "trace/generators/generator.h"
#include "trace/producer.h"

namespace pw::trace {

class GeneratorProducer final : public Producer {
 public:
  // REQUIRES: check_generator(config) gave `info`.
  GeneratorProducer(const GeneratorInfo& info, const GeneratorConfig& config, std::uint64_t limit)
      : generator_(info.make(config)),
        kind_(info.modifies ? AccessKind::Modify : AccessKind::Load),
        base_(config.base),
        // As 64 random bits below a threshold; all of them where every access is a store.
        stores_(config.stores >= 1 || info.modifies ? 0 : static_cast<std::uint64_t>(config.stores * 0x1p64)),
        all_stores_(config.stores >= 1 && !info.modifies),
        kinds_(config.seed ^ 0x6b696e6473),  // a stream of its own: the fraction does not move the addresses
        total_(std::min(config.accesses, limit)) {}

  Status fill(Batch& batch) override {
    const std::uint64_t done = position_.load(std::memory_order_relaxed);
    batch.count = static_cast<std::size_t>(std::min<std::uint64_t>(kBatchWords, total_ - done));
    for (std::size_t i = 0; i < batch.count; ++i) {
      batch.words[i] = pack(VirtAddr(base_ + generator_->next_offset()), next_kind());
    }
    if (batch.sizes) std::fill_n(batch.sizes.get(), batch.count, static_cast<std::uint16_t>(kWordBytes));
    position_.store(done + batch.count, std::memory_order_relaxed);
    return Done{};
  }
  std::uint64_t position() const override { return position_.load(std::memory_order_relaxed); }
  std::uint64_t total() const override { return total_; }

 private:
  AccessKind next_kind() {
    if (all_stores_) return AccessKind::Store;
    if (stores_ == 0) return kind_;
    return kinds_.next() < stores_ ? AccessKind::Store : kind_;
  }

  std::unique_ptr<Generator> generator_;
  AccessKind kind_;
  std::uint64_t base_;
  std::uint64_t stores_;
  bool all_stores_;
  Rng kinds_;
  std::uint64_t total_;
  std::atomic<std::uint64_t> position_{0};
};

}  // namespace pw::trace
