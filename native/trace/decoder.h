// SPDX-License-Identifier: MIT
// The producer of trace files: bytes of a source through a reader of a format, in bounded memory.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "trace/formats/table.h"
#include "trace/producer.h"
#include "trace/sha256.h"
#include "trace/source.h"

namespace pw::trace {

enum class Digest : std::uint8_t { None, Sha256 };

// A trace opened far enough to know its format.
struct OpenedTrace {
  std::shared_ptr<InputFile> file;
  std::unique_ptr<ByteSource> bytes;
  Compression compression = Compression::None;
  const FormatInfo* format = nullptr;
  std::string head;             // decompressed bytes taken already
  std::optional<Error> damage;  // met behind them
};
Result<OpenedTrace> open_trace(const std::string& path, std::optional<std::string> format,
                               std::optional<std::string> compression);

class Decoder final : public Producer {
 public:
  Decoder(OpenedTrace trace, ReaderOptions options, Digest digest);

  Status fill(Batch& batch) override;
  std::uint64_t position() const override { return trace_.file->position(); }
  std::uint64_t total() const override { return trace_.file->size(); }
  void cancel() override { trace_.file->cancel(); }
  ReaderTally tally() const override { return reader_->tally(); }
  // Of the trace's text; what a packed trace was made of it tells itself.
  std::optional<std::uint64_t> text_bytes() const override;
  std::string sha256() const override { return digest_ ? digest_->hex() : std::string(); }
  std::string_view embedded_info() const override { return reader_->embedded_info(); }

 private:
  Status read_more();
  Error located(Error error) const;

  OpenedTrace trace_;
  std::unique_ptr<Reader> reader_;
  std::optional<Sha256> digest_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;  // of the bytes not decoded yet
  std::size_t end_ = 0;
  End last_ = End::MoreFollows;
  bool done_ = false;
  std::uint64_t used_bytes_ = 0;
};

}  // namespace pw::trace
