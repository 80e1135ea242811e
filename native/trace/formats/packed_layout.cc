// SPDX-License-Identifier: MIT
#include "trace/formats/packed_layout.h"

#include <algorithm>
#include <cstring>

#include "trace/formats/bytes.h"
#include "trace/formats/checksum.h"
#include "trace/formats/event_bytes.h"

namespace pw::trace::packed {
namespace {

constexpr std::uint64_t kMaxBlockBytes = kBlockWords * sizeof(PackedAccess);

std::string number(std::uint64_t value) { return std::to_string(value); }

Error unsupported(std::uint64_t offset, std::string message) {
  return Error{.code = ErrorCode::TraceFormat, .message = std::move(message), .offset = offset};
}

std::string names_of_columns(const FileHeader& header) {
  std::string ids;
  for (const std::uint32_t id : header.column_ids) {
    if (id != 0) ids += (ids.empty() ? "" : ", ") + number(id);
  }
  return ids;
}

bool is_known(SectionKind kind) {
  return kind == SectionKind::Block || kind == SectionKind::Events || kind == SectionKind::Info ||
         kind == SectionKind::Index;
}

Status check_block(const SectionHeader& header, std::uint64_t offset) {
  if (header.words == 0 || header.words > kBlockWords) {
    return corrupt(offset,
                   "expected a block of 1 to " + number(kBlockWords) + " words, got " + number(header.words));
  }
  if (header.encoding != Encoding::Raw && header.encoding != Encoding::Zstd) {
    return corrupt(
        offset, "expected block encoding 0 or 1, got " + number(static_cast<std::uint32_t>(header.encoding)));
  }
  const std::uint64_t raw = header.words * sizeof(PackedAccess);
  if (header.encoding == Encoding::Raw ? header.bytes != raw : header.bytes > kMaxBlockBytes) {
    return corrupt(offset,
                   "expected a block payload of " + number(raw) + " bytes, got " + number(header.bytes));
  }
  return Done{};
}

}  // namespace

template <class T>
std::uint64_t checksum_of_structure(const T& structure, std::string_view payload) {
  return Checksum().add(bytes_of(structure).substr(0, sizeof(T) - 8)).add(payload).value();
}
template std::uint64_t checksum_of_structure(const FileHeader&, std::string_view);
template std::uint64_t checksum_of_structure(const SectionHeader&, std::string_view);
template std::uint64_t checksum_of_structure(const Footer&, std::string_view);

Error corrupt(std::uint64_t offset, std::string message) {
  return Error{.code = ErrorCode::TraceCorrupt, .message = std::move(message), .offset = offset};
}
Error truncated(std::uint64_t offset, std::string message) {
  return Error{.code = ErrorCode::TraceTruncated, .message = std::move(message), .offset = offset};
}

Result<FileHeader> parse_file_header(std::string_view bytes) {
  if (bytes.size() < kUnit) return truncated(bytes.size(), "the packed trace ends within its 64-byte header");
  const auto header = load<FileHeader>(bytes.data());
  if (std::string_view(header.magic, sizeof header.magic) != kMagic) {
    return unsupported(0, "expected the first bytes of a packed trace");
  }
  if (header.version != kVersion && header.version != kVersionWithEvents) {
    return unsupported(
        8, "the packed trace has version " + number(header.version) + ", this build reads versions 1 and 2");
  }
  if (header.checksum != checksum_of_structure(header)) return corrupt(0, "the header's checksum is wrong");
  if ((header.flags & ~kFlagCompressed) != 0) {
    return unsupported(
        12, "the packed trace has flags " + number(header.flags) + ", this build knows only 0 and 1");
  }
  if (header.columns != 0 || !names_of_columns(header).empty()) {
    return unsupported(20, "the packed trace has side columns (ids " + names_of_columns(header) +
                               "), which this build does not read");
  }
  if (header.block_words == 0 || header.block_words > kBlockWords) {
    return unsupported(16, "the packed trace has blocks of " + number(header.block_words) +
                               " words, this build reads up to " + number(kBlockWords));
  }
  return header;
}

Result<SectionHeader> parse_section_header(std::string_view bytes, std::uint64_t offset) {
  if (bytes.size() < kUnit)
    return truncated(offset + bytes.size(), "the packed trace ends before its footer");
  const auto header = load<SectionHeader>(bytes.data());
  if (!is_known(header.kind)) return corrupt(offset, "expected a block, the counts or the index here");
  if (header.kind == SectionKind::Block) PW_TRY(check_block(header, offset));
  if (header.kind == SectionKind::Info && header.bytes > kMaxInfoBytes) {
    return corrupt(offset, "expected at most " + number(kMaxInfoBytes) + " bytes of counts, got " +
                               number(header.bytes));
  }
  if (header.kind == SectionKind::Events && (header.bytes > kMaxEventBytes || header.words > header.bytes)) {
    return corrupt(offset, "expected at most " + number(kMaxEventBytes) + " bytes of events, got " +
                               number(header.bytes));
  }
  return header;
}

Status verify_section(const SectionHeader& header, std::string_view payload, std::uint64_t offset) {
  if (header.checksum == checksum_of_structure(header, payload)) return Done{};
  const char* what = header.kind == SectionKind::Block    ? "block"
                     : header.kind == SectionKind::Events ? "events"
                     : header.kind == SectionKind::Info   ? "counts"
                                                          : "index";
  return corrupt(offset, std::string("the checksum of the ") + what + " is wrong");
}

Result<Footer> parse_footer(std::string_view bytes, std::uint64_t offset) {
  if (bytes.size() < kUnit)
    return truncated(offset + bytes.size(), "the packed trace ends before its footer");
  const auto footer = load<Footer>(bytes.data());
  if (std::string_view(footer.magic, sizeof footer.magic) != kMagic || footer.kind != SectionKind::Footer) {
    return truncated(offset, "the packed trace does not end with a footer, so its end is missing");
  }
  if (footer.checksum != checksum_of_structure(footer))
    return corrupt(offset, "the footer's checksum is wrong");
  return footer;
}

Status verify_words(std::span<const PackedAccess> words, std::uint64_t offset) {
  constexpr PackedAccess kUnknown = ~(kSecondHalf | (kSecondHalf - 1));
  PackedAccess wrong = words.empty() ? 0 : words[0] & kSecondHalf;
  PackedAccess before = 0;
  for (const PackedAccess word : words) {
    // A second half is the word before it, moved to the next page's first byte, with the flag set.
    const PackedAccess pair = ((((before & kAddressMask) | (kFrameBytes - 1)) + 1) & kAddressMask) |
                              (before & ~kAddressMask) | kSecondHalf;
    wrong |= (word & kUnknown) | (is_second_half(word) ? (word ^ pair) | (before & kSecondHalf) : 0);
    before = word;
  }
  if (wrong == 0) return Done{};
  return corrupt(offset, "a block holds words that are no accesses");
}

}  // namespace pw::trace::packed
