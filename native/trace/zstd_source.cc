// SPDX-License-Identifier: MIT
// zstd; frames that follow one another are read through.
#include "trace/source.h"

#ifdef PAGEWALK_ZSTD
#include <zstd.h>

namespace pw::trace {
namespace {

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(std::shared_ptr<InputFile> file)
      : input_(std::move(file)), stream_(ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
  }

  Result<std::size_t> read(std::span<char> into) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      PW_TRY_ASSIGN(const auto bytes, input_.bytes());
      if (bytes.empty() && between_frames_) return std::size_t{0};
      ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
      const std::size_t hint = ZSTD_decompressStream(stream_.get(), &out, &in);
      input_.take(in.pos);
      if (ZSTD_isError(hint)) return input_.corrupt(Compression::Zstd, ZSTD_getErrorName(hint));
      between_frames_ = hint == 0;
      // Without input only what the decoder holds back can still come.
      if (bytes.empty() && out.pos == 0) return input_.truncated(Compression::Zstd);
    }
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  DecoderInput input_;
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool between_frames_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_zstd(std::shared_ptr<InputFile> file) {
  return std::unique_ptr<ByteSource>(std::make_unique<ZstdSource>(std::move(file)));
}

}  // namespace pw::trace

#else

namespace pw::trace {

Result<std::unique_ptr<ByteSource>> open_zstd(std::shared_ptr<InputFile>) {
  return decoder_missing(Compression::Zstd, "libzstd's development files (libzstd-dev)");
}

}  // namespace pw::trace

#endif
