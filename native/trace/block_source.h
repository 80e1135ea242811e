// SPDX-License-Identifier: MIT
// Words in memory as a source: in place where all of them are wanted, else through a small buffer.
// The same words as a producer, for what needs batches with sizes.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <string>

#include "trace/access_source.h"
#include "trace/select.h"
#include "trace/word_blocks.h"

namespace pw::trace {

class BlockSource final : public AccessSource {
 public:
  BlockSource(std::shared_ptr<const WordBlocks> blocks, Selection selection, std::string name)
      : blocks_(std::move(blocks)), selection_(selection), name_(std::move(name)) {}

  Result<std::span<const PackedAccess>> next() override;
  std::span<const Event> events() const override { return events_; }
  const TraceCounts& counts() const override { return selection_.limit ? counter_.counts() : counts_; }
  std::uint64_t position() const override { return position_.load(std::memory_order_relaxed); }
  std::uint64_t total() const override { return blocks_->total_words(); }
  double decode_seconds() const override { return 0; }
  void cancel() override { cancelled_.store(true); }

 private:
  Result<std::span<const PackedAccess>> next_block();
  void take_events(std::size_t words);
  std::span<const PackedAccess> selected(std::span<const PackedAccess> words);

  std::shared_ptr<const WordBlocks> blocks_;
  Selection selection_;
  std::string name_;
  std::size_t index_ = 0;
  std::span<const Event> events_;
  std::vector<Event> moved_events_;  // where positions are not those of the block
  TraceCounts counts_;               // without a limit: those of the blocks
  WordCounter counter_;              // with one: counted from the words
  std::uint64_t records_ = 0;
  std::unique_ptr<PackedAccess[]> buffer_;
  std::atomic<std::uint64_t> position_{0};
  std::atomic<bool> cancelled_{false};
};

class BlockProducer final : public Producer {
 public:
  explicit BlockProducer(std::shared_ptr<const WordBlocks> blocks,
                         std::uint64_t limit = std::numeric_limits<std::uint64_t>::max())
      : blocks_(std::move(blocks)), limit_(limit) {}

  Status fill(Batch& batch) override;
  std::uint64_t position() const override { return position_.load(std::memory_order_relaxed); }
  std::uint64_t total() const override { return blocks_->total_words(); }

 private:
  std::shared_ptr<const WordBlocks> blocks_;
  std::uint64_t limit_;
  std::uint64_t records_ = 0;
  std::size_t index_ = 0;
  std::atomic<std::uint64_t> position_{0};
};

}  // namespace pw::trace
