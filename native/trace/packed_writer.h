// SPDX-License-Identifier: MIT
// Writes the packed form block by block: version 1, or version 2 if there are events.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trace/event.h"
#include "trace/file.h"
#include "trace/formats/packed_layout.h"
#include "trace/info.h"
#include "trace/word_counter.h"

namespace pw::trace {

enum class Compress : std::uint8_t { No, Yes };

class PackedWriter {
 public:
  static Result<PackedWriter> create(const std::string& path, Compress compress);

  // Events have their position in the words. REQUIRES: never ends between two halves.
  Status add(std::span<const PackedAccess> words, std::span<const Event> events = {});
  // The file has its name only after this.
  Status finish(const TraceInfo& info);

 private:
  PackedWriter(std::unique_ptr<OutputFile> file, Compress compress)
      : file_(std::move(file)), compress_(compress) {}
  Status write(std::string_view bytes);
  Status write_section(packed::SectionHeader header, std::string payload);
  Status add_words(std::span<const PackedAccess> words);
  Status write_block();
  Status write_events();
  std::string header() const;

  std::unique_ptr<OutputFile> file_;
  Compress compress_;
  std::uint64_t offset_ = 0;
  std::uint64_t words_ = 0;
  std::vector<PackedAccess> block_;
  std::vector<Event> events_;  // of the block
  bool has_events_ = false;    // any block has
  WordCounter counter_;
  std::vector<packed::IndexEntry> index_;
};

}  // namespace pw::trace
