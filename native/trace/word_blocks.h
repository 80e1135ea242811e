// SPDX-License-Identifier: MIT
// Words that lie in memory in blocks, with the counts of each: what can be handed out in place.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/access.h"
#include "base/result.h"
#include "trace/counts.h"
#include "trace/formats/batch.h"
#include "trace/producer.h"
#include "trace/word_counter.h"

namespace pw::trace {

class WordBlocks {
 public:
  virtual ~WordBlocks() = default;
  virtual std::size_t size() const = 0;
  // At most kBatchWords words, never ending between two halves. Callable from any thread.
  virtual Result<std::span<const PackedAccess>> block(std::size_t index) const = 0;
  // Of the words up to and including this block.
  virtual const TraceCounts& counts_through(std::size_t index) const = 0;
  // Beside the block's words, in bytes; empty where the trace does not tell sizes.
  virtual std::span<const std::uint16_t> sizes(std::size_t) const { return {}; }
  // Among the block's words, by position.
  virtual std::span<const Event> events(std::size_t) const { return {}; }
  virtual std::uint64_t total_words() const = 0;
};

// Words held in a vector.
class MemoryBlocks final : public WordBlocks {
 public:
  // `sizes` is empty or as long as `words`.
  MemoryBlocks(std::vector<PackedAccess> words, std::vector<std::uint16_t> sizes)
      : words_(std::move(words)), sizes_(std::move(sizes)) {
    WordCounter counter;
    for (std::size_t begin = 0; begin < words_.size(); begin = blocks_.back().end) {
      std::size_t end = std::min(words_.size(), begin + kBatchWords);
      if (end < words_.size() && is_second_half(words_[end])) --end;
      counter.add({words_.data() + begin, end - begin});
      blocks_.push_back({begin, end, counter.counts()});
    }
  }

  std::size_t size() const override { return blocks_.size(); }
  Result<std::span<const PackedAccess>> block(std::size_t index) const override {
    return std::span(words_).subspan(blocks_[index].begin, blocks_[index].end - blocks_[index].begin);
  }
  const TraceCounts& counts_through(std::size_t index) const override { return blocks_[index].counts; }
  std::span<const std::uint16_t> sizes(std::size_t index) const override {
    if (sizes_.empty()) return {};
    return std::span(sizes_).subspan(blocks_[index].begin, blocks_[index].end - blocks_[index].begin);
  }
  std::uint64_t total_words() const override { return words_.size(); }

 private:
  struct Block {
    std::size_t begin;
    std::size_t end;
    TraceCounts counts;
  };
  std::vector<PackedAccess> words_;
  std::vector<std::uint16_t> sizes_;
  std::vector<Block> blocks_;
};

// The words of the first `limit` records of a span that does not end between halves; `records` is raised by theirs.
inline std::span<const PackedAccess> take_records(std::span<const PackedAccess> words, std::uint64_t limit,
                                                  std::uint64_t& records) {
  std::size_t end = 0;
  for (; end < words.size(); ++end) {
    if (is_second_half(words[end])) continue;
    if (records == limit) break;
    ++records;
  }
  return words.first(end);
}

}  // namespace pw::trace
