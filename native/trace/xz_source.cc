// SPDX-License-Identifier: MIT
// xz by liblzma; streams that follow one another are read through.
#include "trace/source.h"

#ifdef PAGEWALK_LZMA
#include <lzma.h>

namespace pw::trace {
namespace {

// The largest preset, xz -9, wants 65 MiB; what wants much more is refused rather than served.
constexpr std::uint64_t kMaxMemory = std::uint64_t{256} << 20;

class XzSource final : public ByteSource {
 public:
  explicit XzSource(std::shared_ptr<InputFile> file) : input_(std::move(file)) {
    PW_CHECK(lzma_stream_decoder(&stream_, kMaxMemory, LZMA_CONCATENATED) == LZMA_OK);
  }
  ~XzSource() override { lzma_end(&stream_); }
  XzSource(const XzSource&) = delete;
  XzSource& operator=(const XzSource&) = delete;

  Result<std::size_t> read(std::span<char> into) override {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(into.data());
    stream_.avail_out = into.size();
    while (stream_.avail_out == into.size() && !ended_) {
      PW_TRY_ASSIGN(const auto bytes, input_.bytes());
      PW_TRY(decode_some(bytes));
    }
    return into.size() - stream_.avail_out;
  }

 private:
  Status decode_some(std::span<const char> bytes) {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    stream_.avail_in = bytes.size();
    const lzma_ret code = lzma_code(&stream_, bytes.empty() ? LZMA_FINISH : LZMA_RUN);
    input_.take(bytes.size() - stream_.avail_in);
    switch (code) {
      case LZMA_OK: return Done{};
      case LZMA_STREAM_END: ended_ = true; return Done{};
      case LZMA_BUF_ERROR: return input_.truncated(Compression::Xz);
      case LZMA_MEMLIMIT_ERROR:
        return input_.corrupt(Compression::Xz, "it asks for more than 256 MiB of memory");
      case LZMA_OPTIONS_ERROR:
        return input_.corrupt(Compression::Xz, "it uses filters that liblzma does not have");
      case LZMA_FORMAT_ERROR: return input_.corrupt(Compression::Xz, "bytes that are no xz stream");
      default: return input_.corrupt(Compression::Xz, "the data do not decode");
    }
  }

  DecoderInput input_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_xz(std::shared_ptr<InputFile> file) {
  return std::unique_ptr<ByteSource>(std::make_unique<XzSource>(std::move(file)));
}

}  // namespace pw::trace

#else

namespace pw::trace {

Result<std::unique_ptr<ByteSource>> open_xz(std::shared_ptr<InputFile>) {
  return decoder_missing(Compression::Xz, "liblzma's development files (liblzma-dev)");
}

}  // namespace pw::trace

#endif
