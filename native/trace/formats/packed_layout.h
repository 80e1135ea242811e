// SPDX-License-Identifier: MIT
// The bytes of the packed form; docs/reference/packed-trace.md describes them for other programs.
//
//   file    = header { { events } block } info index footer
//   section = one 64-byte section header, then its payload, padded with zeros to 64 bytes
//
// Events, blocks, info and index are sections. Only version 2 has events; a trace without any is written as version 1. Every structure ends in a checksum of its other bytes, so that a
// changed byte anywhere is noticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/access.h"
#include "base/result.h"

namespace pw::trace::packed {

inline constexpr std::size_t kUnit = 64;  // bytes of the fixed structures, and their alignment
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kVersionWithEvents = 2;
// The first byte is no text, the line ends show what a transfer as text would damage.
inline constexpr std::string_view kMagic = "\x89PWT\r\n\x1a\n";
inline constexpr std::size_t kBlockWords = std::size_t{1} << 16;
inline constexpr std::size_t kMaxInfoBytes = std::size_t{1} << 18;
inline constexpr std::uint32_t kFlagCompressed = 1;  // some block may have Encoding::Zstd

struct FileHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t flags;
  std::uint32_t block_words;  // at most, in one block
  std::uint32_t columns;      // side columns in use: none in these versions
  // Their ids: 1 instruction pointer, 2 address-space id, 3 thread, 4 time; 0 an empty slot.
  std::uint32_t column_ids[4];
  std::uint64_t reserved[2];
  std::uint64_t checksum;
};
static_assert(sizeof(FileHeader) == kUnit);

enum class SectionKind : std::uint32_t {
  Block = 0x4b434c42,
  Events = 0x544e5645,
  Info = 0x4f464e49,
  Index = 0x58444e49,
  Footer = 0x544f4f46
};
enum class Encoding : std::uint32_t { Raw, Zstd };

struct SectionHeader {
  SectionKind kind = SectionKind::Block;
  Encoding encoding = Encoding::Raw;
  std::uint64_t bytes = 0;  // of payload, before the padding
  std::uint32_t words = 0;  // these and the counts below: blocks only, but the number of events here
  std::uint32_t instructions = 0;
  std::uint32_t fetches = 0;
  std::uint32_t loads = 0;
  std::uint32_t stores = 0;
  std::uint32_t modifies = 0;
  std::uint32_t crossing = 0;
  std::uint32_t reserved = 0;
  std::uint64_t first_record = 0;
  std::uint64_t checksum = 0;  // of this header's other bytes and the padded payload
};
static_assert(sizeof(SectionHeader) == kUnit);

struct IndexEntry {
  std::uint64_t offset;  // of the block's section header
  std::uint64_t first_record;
  std::uint64_t words;
  std::uint64_t events;  // offset of the first section of the block's events, 0: none; version 2 only
};
static_assert(sizeof(IndexEntry) == 32);
constexpr std::size_t bytes_of_index_entry(std::uint32_t version) { return version == kVersion ? 24 : 32; }

struct Footer {
  SectionKind kind;
  std::uint32_t version;
  std::uint64_t info_offset;
  std::uint64_t index_offset;
  std::uint64_t blocks;
  std::uint64_t words;
  std::uint64_t file_bytes;
  char magic[8];
  std::uint64_t checksum;
};
static_assert(sizeof(Footer) == kUnit);

constexpr std::uint64_t padded(std::uint64_t bytes) { return (bytes + kUnit - 1) / kUnit * kUnit; }

template <class T>
std::string_view bytes_of(const T& structure) {
  return {reinterpret_cast<const char*>(&structure), sizeof structure};
}
// Of a fixed structure's bytes before its checksum, which comes last, and what belongs to them.
template <class T>
std::uint64_t checksum_of_structure(const T& structure, std::string_view payload = {});

// All refusals carry the offset given. The payload is the padded one.
Error corrupt(std::uint64_t offset, std::string message);
Error truncated(std::uint64_t offset, std::string message);
Result<FileHeader> parse_file_header(std::string_view bytes);
// REQUIRES of callers: events are expected in version 2 only. Bounds the sizes, so that what they claim can be allocated; the checksum is verify_section's.
Result<SectionHeader> parse_section_header(std::string_view bytes, std::uint64_t offset);
Status verify_section(const SectionHeader& header, std::string_view payload, std::uint64_t offset);
Result<Footer> parse_footer(std::string_view bytes, std::uint64_t offset);

// Whether words are such as a reader makes: no unknown bits, halves in pairs within the span.
Status verify_words(std::span<const PackedAccess> words, std::uint64_t offset);

// The compressed payload of one block and back; `out` has room for header.words.
std::string encode_words(std::span<const PackedAccess> words);
Status decode_words(std::string_view payload, std::span<PackedAccess> out, std::uint64_t offset);

}  // namespace pw::trace::packed
