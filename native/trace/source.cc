// SPDX-License-Identifier: MIT
#include "trace/source.h"

#include <array>

namespace pw::trace {
namespace {

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(std::shared_ptr<InputFile> file) : file_(std::move(file)) {}
  Result<std::size_t> read(std::span<char> into) override { return file_->read(into); }

 private:
  std::shared_ptr<InputFile> file_;
};

// A zstd file may begin with a skippable frame, one of sixteen magics.
bool is_zstd_skippable(std::string_view head) {
  return head.size() >= 4 && (head[0] & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18";
}

Compression detect(std::string_view head) {
  if (head.substr(0, 2) == "\x1f\x8b") return Compression::Gzip;
  if (head.substr(0, 6) == std::string_view("\xfd"
                                            "7zXZ\0",
                                            6)) {
    return Compression::Xz;
  }
  if (head.substr(0, 4) == "\x28\xb5\x2f\xfd" || is_zstd_skippable(head)) return Compression::Zstd;
  return Compression::None;
}

Result<std::unique_ptr<ByteSource>> open_as(Compression compression, std::shared_ptr<InputFile> file) {
  switch (compression) {
    case Compression::None: break;
    case Compression::Gzip: return open_gzip(std::move(file));
    case Compression::Xz: return open_xz(std::move(file));
    case Compression::Zstd: return open_zstd(std::move(file));
  }
  return std::unique_ptr<ByteSource>(std::make_unique<PlainSource>(std::move(file)));
}

}  // namespace

Result<Compression> find_compression(std::string_view name) {
  for (std::size_t i = 0; i < kCompressions; ++i) {
    if (name_of(static_cast<Compression>(i)) == name) return static_cast<Compression>(i);
  }
  return Error{
      .code = ErrorCode::UnknownName,
      .message = "unknown compression \"" + std::string(name) + "\", expected none, gzip, xz or zstd"};
}

bool has_decoder(Compression compression) {
  constexpr std::array<bool, kCompressions> kHas = {
      true,
#ifdef PAGEWALK_ZLIB
      true,
#else
      false,
#endif
#ifdef PAGEWALK_LZMA
      true,
#else
      false,
#endif
#ifdef PAGEWALK_ZSTD
      true,
#else
      false,
#endif
  };
  return kHas[static_cast<std::size_t>(compression)];
}

Result<OpenedSource> open_source(std::shared_ptr<InputFile> file, std::optional<Compression> asked) {
  constexpr std::size_t kLongestMagic = 6;
  PW_TRY_ASSIGN(const std::string_view head, file->peek(kLongestMagic));
  const Compression found = detect(head);
  if (asked && *asked != found) {
    return Error{.code = ErrorCode::TraceCompression,
                 .message = "expected compression " + std::string(name_of(*asked)) +
                            ", but the first bytes of " + file->path() + " are those of compression " +
                            std::string(name_of(found)),
                 .file = file->path()};
  }
  PW_TRY_ASSIGN(auto bytes, open_as(found, std::move(file)));
  return OpenedSource{std::move(bytes), found};
}

Result<std::span<const char>> DecoderInput::bytes() {
  if (begin_ == end_) {
    PW_TRY_ASSIGN(end_, file_->read({buffer_.get(), kBytes}));
    begin_ = 0;
  }
  return std::span<const char>(buffer_.get() + begin_, end_ - begin_);
}

Error DecoderInput::truncated(Compression compression) const {
  return Error{.code = ErrorCode::TraceTruncated,
               .message = "the " + std::string(name_of(compression)) + " stream of " + file_->path() +
                          " ends before its end mark, after " + std::to_string(offset()) + " bytes",
               .file = file_->path(),
               .offset = offset()};
}

Error DecoderInput::corrupt(Compression compression, std::string_view reason) const {
  return Error{.code = ErrorCode::TraceCorrupt,
               .message = "the " + std::string(name_of(compression)) + " stream of " + file_->path() +
                          " is damaged near byte " + std::to_string(offset()) + ": " + std::string(reason),
               .file = file_->path(),
               .offset = offset()};
}

Error decoder_missing(Compression compression, std::string_view library) {
  return Error{.code = ErrorCode::DecoderMissing,
               .message = "this build has no decoder for " + std::string(name_of(compression)) +
                          "; install " + std::string(library) +
                          " and build again, or decompress the trace first"};
}

}  // namespace pw::trace
