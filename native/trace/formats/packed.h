// SPDX-License-Identifier: MIT
// Our binary form read from front to end, as from a pipe or inside another compression. A packed file on
// disk is used in place instead (trace/packed_file.h).
#pragma once

#include <string>
#include <vector>

#include "trace/formats/checksum.h"
#include "trace/formats/packed_layout.h"
#include "trace/formats/reader.h"

namespace pw::trace {

class PackedReader final : public Reader {
 public:
  explicit PackedReader(ReaderOptions options) : options_(options) {}

  Result<Decoded> decode(std::string_view text, End end, Batch& batch) override;
  std::size_t longest_record() const override;
  std::string_view embedded_info() const override { return info_; }

  static bool recognizes(std::string_view head) {
    return head.substr(0, packed::kMagic.size()) == packed::kMagic;
  }
  static bool has_events(std::string_view head) {
    const auto header = packed::parse_file_header(head);
    return header.ok() && header.value().version == packed::kVersionWithEvents;
  }

 private:
  enum class Part : std::uint8_t { Header, Sections, Index, Footer, End };

  // Each takes one part from the front of `text`; `used` 0 asks for more bytes or room.
  Result<Decoded> take_part(std::string_view text, End end, Batch& batch);
  Result<Decoded> take_section(std::string_view text, End end, Batch& batch);
  Result<Decoded> take_block(const packed::SectionHeader& header, std::string_view payload, Batch& batch);
  Status take_events(const packed::SectionHeader& header, std::string_view payload);
  Result<Decoded> take_index(std::string_view text, End end);
  Result<Decoded> take_footer(std::string_view text, End end);
  Result<Decoded> wait_or_truncated(End end, std::size_t available) const;
  void append_words(std::span<const PackedAccess> words, Batch& batch);
  void append_events(std::size_t first_word, Batch& batch);

  ReaderOptions options_;
  Part part_ = Part::Header;
  std::uint32_t version_ = packed::kVersion;
  std::uint64_t offset_ = 0;
  std::uint64_t index_offset_ = 0;
  std::uint64_t index_left_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t words_ = 0;
  packed::SectionHeader index_{};
  Checksum index_checksum_;
  std::string info_;
  std::vector<PackedAccess> block_;
  std::vector<Event> events_;  // of the block that comes next
};

}  // namespace pw::trace
