// SPDX-License-Identifier: MIT
// The compressed payload of a block: three streams, then zstd over all of them.
//
//   u32 bytes of the fetch stream, u32 bytes of the data stream,
//   one byte per word (kind, and 4 for a second half),
//   fetch addresses, data addresses: zigzag varints of the difference to the one before, from 0
//
// Code and data move in different places, so each predicts itself better than the other. A second half
// follows from its first and has no address.
#include <memory>

#include "trace/formats/batch.h"
#include "trace/formats/bytes.h"
#include "trace/formats/packed_layout.h"

#ifdef PAGEWALK_ZSTD
#include <zstd.h>

namespace pw::trace::packed {
namespace {

constexpr std::size_t kStreamHeader = 8;
constexpr std::uint8_t kSecondHalfCode = 4;
constexpr std::size_t kMaxVarint = 10;
// Bytes of a block's streams at most; what claims more is corrupt.
constexpr std::size_t kMaxStreams = kStreamHeader + kBlockWords * (1 + kMaxVarint);

std::string to_streams(std::span<const PackedAccess> words) {
  std::string codes, deltas[2];
  std::uint64_t before[2] = {0, 0};
  for (const PackedAccess word : words) {
    codes.push_back(static_cast<char>(word >> kKindShift));
    if (is_second_half(word)) continue;
    const int data = kind_of(word) != AccessKind::Fetch;
    append_varint(deltas[data],
                  zigzag(sign_extend((word - before[data]) & kAddressMask, kMaxVirtBits).value()));
    before[data] = word;
  }
  std::string streams;
  append(streams, static_cast<std::uint32_t>(deltas[0].size()));
  append(streams, static_cast<std::uint32_t>(deltas[1].size()));
  return streams + codes + deltas[0] + deltas[1];
}

struct Cursor {
  const char* p;
  const char* end;
};

Status from_streams(std::string_view streams, std::span<PackedAccess> out, std::uint64_t offset) {
  const Error wrong = corrupt(offset, "a compressed block's streams do not fit together");
  if (streams.size() < kStreamHeader + out.size()) return wrong;
  const std::uint64_t fetch_bytes = load<std::uint32_t>(streams.data());
  const std::uint64_t data_bytes = load<std::uint32_t>(streams.data() + 4);
  if (streams.size() != kStreamHeader + out.size() + fetch_bytes + data_bytes) return wrong;
  const char* codes = streams.data() + kStreamHeader;
  const char* const fetches = codes + out.size();
  const char* const data = fetches + fetch_bytes;
  Cursor cursors[2] = {{fetches, data}, {data, data + data_bytes}};
  std::uint64_t before[2] = {0, 0};
  PackedAccess last = 0;
  for (PackedAccess& word : out) {
    const auto code = static_cast<std::uint8_t>(*codes++);
    if (code & kSecondHalfCode) {
      word = (next_page_start(VirtAddr(last & kAddressMask)).value() & kAddressMask);
    } else {
      const int stream = (code & 3) != 0;
      std::uint64_t delta;
      if (!take_varint(cursors[stream].p, cursors[stream].end, delta)) return wrong;
      before[stream] += unzigzag(delta);
      word = before[stream] & kAddressMask;
    }
    word |= static_cast<std::uint64_t>(code) << kKindShift;
    last = word;
  }
  return cursors[0].p == cursors[0].end && cursors[1].p == cursors[1].end ? Status(Done{}) : Status(wrong);
}

}  // namespace

std::string encode_words(std::span<const PackedAccess> words) {
  constexpr int kLevel = 3;  // the highest of the strategy that zstd.cmake leaves in
  const std::string streams = to_streams(words);
  std::string payload(ZSTD_compressBound(streams.size()), '\0');
  const std::size_t bytes =
      ZSTD_compress(payload.data(), payload.size(), streams.data(), streams.size(), kLevel);
  PW_CHECK(!ZSTD_isError(bytes));
  payload.resize(bytes);
  return payload;
}

Status decode_words(std::string_view payload, std::span<PackedAccess> out, std::uint64_t offset) {
  const unsigned long long claimed = ZSTD_getFrameContentSize(payload.data(), payload.size());
  if (claimed > kMaxStreams) return corrupt(offset, "a compressed block has no sensible size");
  const std::unique_ptr<char[]> streams(new char[claimed + 1]);
  const std::size_t bytes = ZSTD_decompress(streams.get(), claimed, payload.data(), payload.size());
  if (ZSTD_isError(bytes))
    return corrupt(offset, std::string("a block does not decompress: ") + ZSTD_getErrorName(bytes));
  return from_streams({streams.get(), bytes}, out, offset);
}

}  // namespace pw::trace::packed

#else

namespace pw::trace::packed {

std::string encode_words(std::span<const PackedAccess>) { return {}; }

Status decode_words(std::string_view, std::span<PackedAccess>, std::uint64_t offset) {
  return Error{.code = ErrorCode::DecoderMissing,
               .message =
                   "this build has no zstd decoder, which compressed packed traces need; install libzstd's "
                   "development files and build again",
               .offset = offset};
}

}  // namespace pw::trace::packed

#endif
