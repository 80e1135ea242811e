// SPDX-License-Identifier: MIT
// gzip by zlib; members that follow one another are read through, as gunzip does.
#include "trace/source.h"

#ifdef PAGEWALK_ZLIB
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace pw::trace {
namespace {

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::shared_ptr<InputFile> file) : input_(std::move(file)) {
    constexpr int kGzipOnly = MAX_WBITS + 16;
    PW_CHECK(inflateInit2(&stream_, kGzipOnly) == Z_OK);
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<std::size_t> read(std::span<char> into) override {
    const auto room = static_cast<uInt>(std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max()));
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = room;
    while (stream_.avail_out == room) {
      PW_TRY_ASSIGN(const auto bytes, input_.bytes());
      if (bytes.empty()) {
        if (between_members_) return std::size_t{0};
        return input_.truncated(Compression::Gzip);
      }
      PW_TRY(inflate_some(bytes));
    }
    return std::size_t{room - stream_.avail_out};
  }

 private:
  Status inflate_some(std::span<const char> bytes) {
    between_members_ = false;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    input_.take(bytes.size() - stream_.avail_in);
    if (code == Z_STREAM_END) {
      between_members_ = true;
      PW_CHECK(inflateReset(&stream_) == Z_OK);
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return input_.corrupt(Compression::Gzip, stream_.msg ? stream_.msg : "unknown");
    }
    return Done{};
  }

  DecoderInput input_;
  z_stream stream_{};
  bool between_members_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_gzip(std::shared_ptr<InputFile> file) {
  return std::unique_ptr<ByteSource>(std::make_unique<GzipSource>(std::move(file)));
}

}  // namespace pw::trace

#else

namespace pw::trace {

Result<std::unique_ptr<ByteSource>> open_gzip(std::shared_ptr<InputFile>) {
  return decoder_missing(Compression::Gzip, "zlib's development files (zlib1g-dev)");
}

}  // namespace pw::trace

#endif
