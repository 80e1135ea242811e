// SPDX-License-Identifier: MIT
// An uncompressed packed file on disk, mapped: its words are used where they lie. Each block's checksum is
// verified when its words are first asked for.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "trace/file.h"
#include "trace/formats/packed_layout.h"
#include "trace/info.h"
#include "trace/word_blocks.h"

namespace pw::trace {

class PackedFile final : public WordBlocks {
 public:
  static Result<std::shared_ptr<const PackedFile>> open(const std::string& path);

  std::size_t size() const override { return blocks_.size(); }
  Result<std::span<const PackedAccess>> block(std::size_t index) const override;
  const TraceCounts& counts_through(std::size_t index) const override { return blocks_[index].counts; }
  std::span<const Event> events(std::size_t index) const override { return blocks_[index].events; }
  std::uint64_t total_words() const override { return words_; }

  const TraceInfo& info() const { return info_; }
  // Whether the words can be used in place; if not, the file is read from front to end instead.
  bool is_in_place() const { return in_place_; }
  bool has_events() const { return version_ != packed::kVersion; }

 private:
  struct Block {
    std::uint64_t offset;
    std::uint32_t words;
    TraceCounts counts;  // through this block
    std::vector<Event> events;
  };

  explicit PackedFile(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}
  Status load_parts();
  Status load_info(std::uint64_t offset);
  Status load_index(const packed::Footer& footer);
  Status load_block(const packed::IndexEntry& entry, std::uint64_t end);
  Status load_events(const packed::IndexEntry& entry, std::vector<Event>& events) const;
  // A section's header and padded payload; the payload must end by `end`.
  Result<packed::SectionHeader> header_at(std::uint64_t offset, packed::SectionKind kind,
                                          std::uint64_t end) const;
  std::string_view payload_at(std::uint64_t offset, std::uint64_t bytes) const;

  std::shared_ptr<const MappedFile> file_;
  TraceInfo info_;
  std::vector<Block> blocks_;
  std::uint32_t version_ = packed::kVersion;
  std::uint64_t words_ = 0;
  bool in_place_ = true;
  std::unique_ptr<std::atomic<bool>[]> verified_;  // one for each block
};

}  // namespace pw::trace
