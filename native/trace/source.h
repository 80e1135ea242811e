// SPDX-License-Identifier: MIT
// The bytes of a trace whatever its compression: plain, gzip, xz or zstd, told apart by their first bytes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trace/file.h"

namespace pw::trace {

enum class Compression : std::uint8_t { None, Gzip, Xz, Zstd };
inline constexpr std::size_t kCompressions = 4;
constexpr std::string_view name_of(Compression compression) {
  constexpr std::string_view kNames[kCompressions] = {"none", "gzip", "xz", "zstd"};
  return kNames[static_cast<std::size_t>(compression)];
}
Result<Compression> find_compression(std::string_view name);
// Whether this build can read it.
bool has_decoder(Compression compression);

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At least one byte, or 0 at the end of the trace.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
};

// Compressed bytes on their way into a decoder.
class DecoderInput {
 public:
  explicit DecoderInput(std::shared_ptr<InputFile> file) : file_(std::move(file)) {}

  // The bytes not taken yet, more of them if there were none; empty at the end of the file.
  Result<std::span<const char>> bytes();
  void take(std::size_t bytes) { begin_ += bytes; }
  // Where in the file the first byte not taken lies.
  std::uint64_t offset() const { return file_->position() - (end_ - begin_); }
  Error truncated(Compression compression) const;
  Error corrupt(Compression compression, std::string_view reason) const;

 private:
  static constexpr std::size_t kBytes = std::size_t{1} << 17;
  std::shared_ptr<InputFile> file_;
  std::unique_ptr<char[]> buffer_{new char[kBytes]};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

struct OpenedSource {
  std::unique_ptr<ByteSource> bytes;
  Compression compression;
};
// Refuses a file whose first bytes are not of the compression asked for.
Result<OpenedSource> open_source(std::shared_ptr<InputFile> file, std::optional<Compression> asked);

// One decoder each; DECODER_MISSING where this build lacks it.
Result<std::unique_ptr<ByteSource>> open_gzip(std::shared_ptr<InputFile> file);
Result<std::unique_ptr<ByteSource>> open_xz(std::shared_ptr<InputFile> file);
Result<std::unique_ptr<ByteSource>> open_zstd(std::shared_ptr<InputFile> file);
Error decoder_missing(Compression compression, std::string_view library);

}  // namespace pw::trace
