// SPDX-License-Identifier: MIT
#include "trace/packed_file.h"

#include <cstring>

#include "trace/formats/bytes.h"
#include "trace/formats/event_bytes.h"

namespace pw::trace {

using packed::Encoding;
using packed::Footer;
using packed::IndexEntry;
using packed::kUnit;
using packed::padded;
using packed::SectionHeader;
using packed::SectionKind;

namespace {

Error located(Error error, const std::string& path) {
  error.message =
      path + (error.offset ? " at byte " + std::to_string(*error.offset) : "") + ": " + error.message;
  error.file = path;
  return error;
}

void add_counts(TraceCounts& counts, const SectionHeader& block) {
  counts.fetches += block.fetches;
  counts.loads += block.loads;
  counts.stores += block.stores;
  counts.modifies += block.modifies;
  counts.records += std::uint64_t{block.fetches} + block.loads + block.stores + block.modifies;
  counts.instructions += block.instructions;
  counts.crossing += block.crossing;
}

}  // namespace

Result<std::shared_ptr<const PackedFile>> PackedFile::open(const std::string& path) {
  PW_TRY_ASSIGN(auto mapped, MappedFile::open(path));
  std::shared_ptr<PackedFile> file(new PackedFile(std::move(mapped)));
  const Status loaded = file->load_parts();
  if (!loaded.ok()) return located(loaded.error(), path);
  return std::shared_ptr<const PackedFile>(std::move(file));
}

Status PackedFile::load_parts() {
  const std::string_view bytes = file_->bytes();
  PW_TRY_ASSIGN(const packed::FileHeader header, packed::parse_file_header(bytes));
  version_ = header.version;
  if (bytes.size() < 2 * kUnit)
    return packed::truncated(bytes.size(), "the packed trace ends before its footer");
  const std::uint64_t at = bytes.size() - kUnit;
  PW_TRY_ASSIGN(const Footer footer, packed::parse_footer(bytes.substr(at), at));
  if (footer.version != version_)
    return packed::corrupt(at, "the footer has another version than the header");
  if (footer.file_bytes != bytes.size()) {
    return packed::truncated(at, "the packed trace claims " + std::to_string(footer.file_bytes) +
                                     " bytes, it has " + std::to_string(bytes.size()));
  }
  PW_TRY(load_info(footer.info_offset));
  return load_index(footer);
}

std::string_view PackedFile::payload_at(std::uint64_t offset, std::uint64_t bytes) const {
  return file_->bytes().substr(offset + kUnit, padded(bytes));
}

Result<SectionHeader> PackedFile::header_at(std::uint64_t offset, SectionKind kind, std::uint64_t end) const {
  const bool fits = offset % kUnit == 0 && offset >= kUnit && offset <= end && end - offset >= kUnit;
  if (!fits) return packed::corrupt(offset, "the packed trace points outside itself");
  PW_TRY_ASSIGN(const SectionHeader header,
                packed::parse_section_header(file_->bytes().substr(offset), offset));
  const std::uint64_t room = end - offset - kUnit;
  if (header.kind != kind || header.bytes > room || padded(header.bytes) > room) {
    return packed::corrupt(offset, "a section of the packed trace is not what the index says");
  }
  return header;
}

Status PackedFile::load_info(std::uint64_t offset) {
  PW_TRY_ASSIGN(const SectionHeader header,
                header_at(offset, SectionKind::Info, file_->bytes().size() - kUnit));
  PW_TRY(packed::verify_section(header, payload_at(offset, header.bytes), offset));
  PW_TRY_ASSIGN(info_, decode_info(payload_at(offset, header.bytes).substr(0, header.bytes)));
  return Done{};
}

Status PackedFile::load_index(const Footer& footer) {
  const std::uint64_t at = footer.index_offset;
  PW_TRY_ASSIGN(const SectionHeader header, header_at(at, SectionKind::Index, file_->bytes().size() - kUnit));
  const std::string_view payload = payload_at(at, header.bytes);
  PW_TRY(packed::verify_section(header, payload, at));
  const std::size_t entry_bytes = packed::bytes_of_index_entry(version_);
  if (header.bytes % entry_bytes != 0 || header.bytes / entry_bytes != footer.blocks) {
    return packed::corrupt(at, "the index does not have the length that the footer claims");
  }
  for (std::uint64_t i = 0; i < footer.blocks; ++i) {
    IndexEntry entry{};
    std::memcpy(&entry, payload.data() + i * entry_bytes, entry_bytes);
    PW_TRY(load_block(entry, footer.info_offset));
  }
  if (words_ != footer.words)
    return packed::corrupt(at, "the index and the footer differ in the number of words");
  verified_ = std::make_unique<std::atomic<bool>[]>(blocks_.size());
  return Done{};
}

Status PackedFile::load_block(const IndexEntry& entry, std::uint64_t end) {
  PW_TRY_ASSIGN(const SectionHeader header, header_at(entry.offset, SectionKind::Block, end));
  TraceCounts counts = blocks_.empty() ? TraceCounts{} : blocks_.back().counts;
  if (header.words != entry.words || header.first_record != entry.first_record ||
      entry.first_record != counts.records) {
    return packed::corrupt(entry.offset, "a block differs from its entry in the index");
  }
  add_counts(counts, header);
  blocks_.push_back({entry.offset, header.words, counts, {}});
  if (entry.events != 0) PW_TRY(load_events(entry, blocks_.back().events));
  words_ += header.words;
  in_place_ = in_place_ && header.encoding == Encoding::Raw;
  return Done{};
}

Status PackedFile::load_events(const IndexEntry& entry, std::vector<Event>& events) const {
  std::uint64_t at = entry.events;
  while (at != entry.offset) {
    PW_TRY_ASSIGN(const SectionHeader header, header_at(at, SectionKind::Events, entry.offset));
    const std::string_view payload = payload_at(at, header.bytes);
    PW_TRY(packed::verify_section(header, payload, at));
    PW_TRY(packed::decode_events(payload.substr(0, header.bytes), header.words, entry.words, events, at));
    at += kUnit + padded(header.bytes);
  }
  return Done{};
}

Result<std::span<const PackedAccess>> PackedFile::block(std::size_t index) const {
  PW_DCHECK(in_place_);
  const Block& block = blocks_[index];
  const std::string_view payload = payload_at(block.offset, block.words * sizeof(PackedAccess));
  const std::span words(reinterpret_cast<const PackedAccess*>(payload.data()), block.words);
  if (verified_[index].load(std::memory_order_relaxed)) return words;
  const auto header = load<SectionHeader>(file_->bytes().data() + block.offset);
  PW_TRY(packed::verify_section(header, payload, block.offset));
  PW_TRY(packed::verify_words(words, block.offset));
  verified_[index].store(true, std::memory_order_relaxed);
  return words;
}

}  // namespace pw::trace
