// SPDX-License-Identifier: MIT
#include "trace/packed_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "trace/formats/event_bytes.h"
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
  PW_TRY(writer.write(writer.header()));
  return writer;
}

std::string PackedWriter::header() const {
  packed::FileHeader header{};
  std::copy(packed::kMagic.begin(), packed::kMagic.end(), header.magic);
  header.version = has_events_ ? packed::kVersionWithEvents : packed::kVersion;
  header.flags = compress_ == Compress::Yes ? packed::kFlagCompressed : 0;
  header.block_words = packed::kBlockWords;
  header.checksum = packed::checksum_of_structure(header);
  return std::string(packed::bytes_of(header));
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

Status PackedWriter::add(std::span<const PackedAccess> words, std::span<const Event> events) {
  std::size_t done = 0;
  for (const Event& event : events) {
    PW_TRY(add_words(words.subspan(done, event.position - done)));
    done = event.position;
    events_.push_back(event);
    events_.back().position = block_.size();
  }
  return add_words(words.subspan(done));
}

Status PackedWriter::add_words(std::span<const PackedAccess> words) {
  for (const PackedAccess word : words) {
    // A block has room for both halves of its last access.
    if (block_.size() + 1 >= packed::kBlockWords && !is_second_half(word)) PW_TRY(write_block());
    block_.push_back(word);
  }
  return Done{};
}

Status PackedWriter::write_events() {
  std::string payload;
  std::uint32_t count = 0;
  std::uint64_t before = 0;
  const auto write_out = [&] {
    return write_section({.kind = SectionKind::Events, .words = std::exchange(count, 0)},
                         std::exchange(payload, {}));
  };
  for (const Event& event : events_) {
    std::string bytes;
    packed::append_event(bytes, event, before);
    if (payload.size() + bytes.size() > packed::kMaxEventBytes) {
      PW_TRY(write_out());
      bytes.clear();
      packed::append_event(bytes, event, 0);
    }
    payload += bytes;
    before = event.position;
    ++count;
  }
  events_.clear();
  return write_out();
}

Status PackedWriter::write_block() {
  const std::uint64_t events_at = events_.empty() ? 0 : offset_;
  has_events_ = has_events_ || events_at != 0;
  if (events_at != 0) PW_TRY(write_events());
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
  index_.push_back({offset_, before.records, block_.size(), events_at});
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
  const std::uint32_t version = has_events_ ? packed::kVersionWithEvents : packed::kVersion;
  for (const packed::IndexEntry& entry : index_)
    index += packed::bytes_of(entry).substr(0, packed::bytes_of_index_entry(version));
  PW_TRY(write_section({.kind = SectionKind::Index}, std::move(index)));
  footer.kind = SectionKind::Footer;
  footer.version = version;
  footer.blocks = index_.size();
  footer.words = words_;
  footer.file_bytes = offset_ + packed::kUnit;
  std::copy(packed::kMagic.begin(), packed::kMagic.end(), footer.magic);
  footer.checksum = packed::checksum_of_structure(footer);
  PW_TRY(write(packed::bytes_of(footer)));
  if (has_events_) PW_TRY(file_->rewrite_front(header()));
  return file_->commit();
}

}  // namespace pw::trace
