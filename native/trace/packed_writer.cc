// SPDX-License-Identifier: MIT
#include "trace/packed_writer.h"

#include <algorithm>
#include <cstring>

#include "trace/source.h"

namespace pw::trace {

using packed::Encoding;
using packed::SectionHeader;
using packed::SectionKind;

Result<PackedWriter> PackedWriter::create(const std::string& path, Compress compress) {
  if (compress == Compress::Yes && !has_decoder(Compression::Zstd)) {
    return decoder_missing(Compression::Zstd, "libzstd's development files (libzstd-dev)");
  }
  PW_TRY_ASSIGN(auto file, OutputFile::create(path));
  PackedWriter writer(std::move(file), compress);
  packed::FileHeader header{};
  std::copy(packed::kMagic.begin(), packed::kMagic.end(), header.magic);
  header.version = packed::kVersion;
  header.flags = compress == Compress::Yes ? packed::kFlagCompressed : 0;
  header.block_words = packed::kBlockWords;
  header.checksum = packed::checksum_of_structure(header);
  PW_TRY(writer.write(packed::bytes_of(header)));
  return writer;
}

Status PackedWriter::write(std::string_view bytes) {
  offset_ += bytes.size();
  return file_->write(bytes);
}

Status PackedWriter::write_section(SectionHeader header, std::string payload) {
  header.bytes = payload.size();
  payload.resize(packed::padded(payload.size()), '\0');
  header.checksum = packed::checksum_of_structure(header, payload);
  PW_TRY(write(packed::bytes_of(header)));
  return write(payload);
}

Status PackedWriter::add(std::span<const PackedAccess> words) {
  for (const PackedAccess word : words) {
    // A block has room for both halves of its last access.
    if (block_.size() + 1 >= packed::kBlockWords && !is_second_half(word)) PW_TRY(write_block());
    block_.push_back(word);
  }
  return Done{};
}

Status PackedWriter::write_block() {
  const TraceCounts before = counter_.counts();
  counter_.add(block_);
  const TraceCounts& after = counter_.counts();
  const auto grown = [&](std::uint64_t TraceCounts::*count) {
    return static_cast<std::uint32_t>(after.*count - before.*count);
  };
  SectionHeader header{};
  header.kind = SectionKind::Block;
  header.words = static_cast<std::uint32_t>(block_.size());
  header.instructions = grown(&TraceCounts::instructions);
  header.fetches = grown(&TraceCounts::fetches);
  header.loads = grown(&TraceCounts::loads);
  header.stores = grown(&TraceCounts::stores);
  header.modifies = grown(&TraceCounts::modifies);
  header.crossing = grown(&TraceCounts::crossing);
  header.first_record = before.records;
  index_.push_back({offset_, before.records, block_.size()});
  words_ += block_.size();
  const std::string_view raw(reinterpret_cast<const char*>(block_.data()),
                             block_.size() * sizeof(PackedAccess));
  std::string payload = compress_ == Compress::Yes ? packed::encode_words(block_) : std::string();
  header.encoding = Encoding::Zstd;
  if (compress_ == Compress::No || payload.size() >= raw.size()) {
    header.encoding = Encoding::Raw;
    payload = raw;
  }
  block_.clear();
  return write_section(header, std::move(payload));
}

Status PackedWriter::finish(const TraceInfo& info) {
  if (!block_.empty()) PW_TRY(write_block());
  packed::Footer footer{};
  footer.info_offset = offset_;
  PW_TRY(write_section({.kind = SectionKind::Info}, encode_info(info)));
  footer.index_offset = offset_;
  std::string index;
  for (const packed::IndexEntry& entry : index_) index += packed::bytes_of(entry);
  PW_TRY(write_section({.kind = SectionKind::Index}, std::move(index)));
  footer.kind = SectionKind::Footer;
  footer.version = packed::kVersion;
  footer.blocks = index_.size();
  footer.words = words_;
  footer.file_bytes = offset_ + packed::kUnit;
  std::copy(packed::kMagic.begin(), packed::kMagic.end(), footer.magic);
  footer.checksum = packed::checksum_of_structure(footer);
  PW_TRY(write(packed::bytes_of(footer)));
  return file_->commit();
}

}  // namespace pw::trace
