// SPDX-License-Identifier: MIT
// Writes the packed form block by block.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trace/file.h"
#include "trace/formats/packed_layout.h"
#include "trace/info.h"
#include "trace/word_counter.h"

namespace pw::trace {

enum class Compress : std::uint8_t { No, Yes };

class PackedWriter {
 public:
  static Result<PackedWriter> create(const std::string& path, Compress compress);

  // REQUIRES: never ends between two halves.
  Status add(std::span<const PackedAccess> words);
  // The file has its name only after this.
  Status finish(const TraceInfo& info);

 private:
  PackedWriter(std::unique_ptr<OutputFile> file, Compress compress)
      : file_(std::move(file)), compress_(compress) {}
  Status write(std::string_view bytes);
  Status write_section(packed::SectionHeader header, std::string payload);
  Status write_block();

  std::unique_ptr<OutputFile> file_;
  Compress compress_;
  std::uint64_t offset_ = 0;
  std::uint64_t words_ = 0;
  std::vector<PackedAccess> block_;
  WordCounter counter_;
  std::vector<packed::IndexEntry> index_;
};

}  // namespace pw::trace
