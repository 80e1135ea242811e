// SPDX-License-Identifier: MIT
#include "trace/formats/packed.h"

#include <algorithm>
#include <cstring>

#include "trace/formats/bytes.h"
#include "trace/formats/event_bytes.h"

namespace pw::trace {

using packed::Encoding;
using packed::kUnit;
using packed::padded;
using packed::SectionHeader;
using packed::SectionKind;

std::size_t PackedReader::longest_record() const {
  return kUnit + std::max(packed::kBlockWords * sizeof(PackedAccess), packed::kMaxInfoBytes);
}

Result<Decoded> PackedReader::decode(std::string_view text, End end, Batch& batch) {
  std::size_t used = 0;
  for (;;) {
    PW_TRY_ASSIGN(const Decoded part, take_part(text.substr(used), end, batch));
    used += part.used;
    offset_ += part.used;
    if (part.used == 0 || part.stop == Stop::Done) return Decoded{used, part.stop};
  }
}

Result<Decoded> PackedReader::take_part(std::string_view text, End end, Batch& batch) {
  if (tally_.records >= options_.limit && part_ != Part::Header) return Decoded{0, Stop::Done};
  switch (part_) {
    case Part::Header: {
      if (text.size() < kUnit && end == End::MoreFollows) return Decoded{};
      PW_TRY_ASSIGN(const packed::FileHeader header, packed::parse_file_header(text));
      version_ = header.version;
      part_ = Part::Sections;
      return Decoded{kUnit};
    }
    case Part::Sections: return take_section(text, end, batch);
    case Part::Index: return take_index(text, end);
    case Part::Footer: return take_footer(text, end);
    case Part::End: break;
  }
  if (!text.empty()) return packed::corrupt(offset_, "expected the end of the packed trace after its footer");
  return Decoded{0, end == End::Last ? Stop::Done : Stop::NeedsInput};
}

Result<Decoded> PackedReader::wait_or_truncated(End end, std::size_t available) const {
  if (end == End::MoreFollows) return Decoded{};
  return packed::truncated(offset_ + available, "the packed trace ends before its footer");
}

Result<Decoded> PackedReader::take_section(std::string_view text, End end, Batch& batch) {
  if (text.size() < kUnit) return wait_or_truncated(end, text.size());
  PW_TRY_ASSIGN(const SectionHeader header, packed::parse_section_header(text, offset_));
  if (header.kind == SectionKind::Index) {
    index_ = header;
    index_offset_ = offset_;
    index_left_ = padded(header.bytes);
    index_checksum_.add(text.substr(0, kUnit - 8));
    part_ = Part::Index;
    return Decoded{kUnit};
  }
  const std::size_t whole = kUnit + padded(header.bytes);
  if (text.size() < whole) return wait_or_truncated(end, text.size());
  const std::string_view payload = text.substr(kUnit, whole - kUnit);
  if (header.kind == SectionKind::Block) return take_block(header, payload, batch);
  PW_TRY(packed::verify_section(header, payload, offset_));
  if (header.kind == SectionKind::Events) {
    PW_TRY(take_events(header, payload));
    return Decoded{whole};
  }
  info_ = payload.substr(0, header.bytes);
  return Decoded{whole};
}

Status PackedReader::take_events(const SectionHeader& header, std::string_view payload) {
  if (version_ == packed::kVersion)
    return packed::corrupt(offset_, "a packed trace of version 1 holds no events");
  return packed::decode_events(payload.substr(0, header.bytes), header.words, packed::kBlockWords, events_,
                               offset_);
}

Result<Decoded> PackedReader::take_block(const SectionHeader& header, std::string_view payload,
                                         Batch& batch) {
  if (batch.count + header.words > kBatchWords) return Decoded{0, Stop::BatchFull};
  PW_TRY(packed::verify_section(header, payload, offset_));
  block_.resize(header.words);
  if (header.encoding == Encoding::Raw) {
    std::memcpy(block_.data(), payload.data(), header.bytes);
  } else {
    PW_TRY(packed::decode_words(payload.substr(0, header.bytes), block_, offset_));
  }
  PW_TRY(packed::verify_words(block_, offset_));
  ++blocks_;
  words_ += header.words;
  if (!events_.empty() && events_.back().position > header.words)
    return packed::corrupt(offset_, "a block has events behind its end");
  const std::size_t first_word = batch.count;
  append_words(block_, batch);
  append_events(first_word, batch);
  return Decoded{kUnit + payload.size()};
}

void PackedReader::append_words(std::span<const PackedAccess> words, Batch& batch) {
  for (const PackedAccess word : words) {
    if (!is_second_half(word)) {
      if (tally_.records == options_.limit) return;
      ++tally_.records;
    }
    if (batch.sizes) batch.sizes[batch.count] = 0;
    batch.words[batch.count++] = word;
  }
}

// Those that come before the end of the words that were wanted, or right at it.
void PackedReader::append_events(std::size_t first_word, Batch& batch) {
  for (Event& event : events_) {
    event.position += first_word;
    if (event.position > batch.count) break;
    batch.events.push_back(std::move(event));
  }
  events_.clear();
}

Result<Decoded> PackedReader::take_index(std::string_view text, End end) {
  const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(text.size(), index_left_));
  index_checksum_.add(text.substr(0, taken));
  index_left_ -= taken;
  if (index_left_ > 0) return taken > 0 ? Result<Decoded>(Decoded{taken}) : wait_or_truncated(end, 0);
  if (index_checksum_.value() != index_.checksum) {
    return packed::corrupt(index_offset_, "the checksum of the index is wrong");
  }
  part_ = Part::Footer;
  // An index without entries takes no bytes, so the footer is looked at in the same call.
  if (taken > 0) return Decoded{taken};
  return take_footer(text, end);
}

Result<Decoded> PackedReader::take_footer(std::string_view text, End end) {
  if (text.size() < kUnit && end == End::MoreFollows) return Decoded{};
  PW_TRY_ASSIGN(const packed::Footer footer, packed::parse_footer(text, offset_));
  if (footer.version != version_ || footer.words != words_ || footer.blocks != blocks_ ||
      footer.file_bytes != offset_ + kUnit) {
    return packed::corrupt(offset_, "the footer does not fit the blocks before it");
  }
  part_ = Part::End;
  return Decoded{kUnit};
}

}  // namespace pw::trace
