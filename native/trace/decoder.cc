// SPDX-License-Identifier: MIT
#include "trace/decoder.h"

#include <algorithm>
#include <cstring>

namespace pw::trace {
namespace {

// Looked at to tell the format and whether there are calls; a pipe's writer may wait for what becomes of the first.
constexpr std::size_t kHeadBytes = std::size_t{1} << 20;
constexpr std::size_t kHeadBytesOfPipe = std::size_t{1} << 16;
constexpr std::size_t kChunk = std::size_t{1} << 18;  // fits the second-level cache with the batch

// Damage behind the first bytes is kept for whoever reads as far as that.
Status take_head(OpenedTrace& trace) {
  trace.head.resize(trace.file->is_seekable() ? kHeadBytes : kHeadBytesOfPipe);
  std::size_t filled = 0;
  while (filled < trace.head.size()) {
    auto got = trace.bytes->read(std::span(trace.head).subspan(filled));
    if (!got.ok() && filled == 0) return got.error();
    if (!got.ok()) trace.damage = got.error();
    if (!got.ok() || got.value() == 0) break;
    filled += got.value();
  }
  trace.head.resize(filled);
  return Done{};
}

}  // namespace

Result<OpenedTrace> open_trace(const std::string& path, std::optional<std::string> format,
                               std::optional<std::string> compression) {
  const FormatInfo* asked_format = nullptr;
  if (format) {
    PW_TRY_ASSIGN(asked_format, find_format(*format));
  }
  std::optional<Compression> asked;
  if (compression) {
    PW_TRY_ASSIGN(asked, find_compression(*compression));
  }
  OpenedTrace trace;
  PW_TRY_ASSIGN(trace.file, InputFile::open(path));
  PW_TRY_ASSIGN(OpenedSource source, open_source(trace.file, asked));
  trace.bytes = std::move(source.bytes);
  trace.compression = source.compression;
  PW_TRY(take_head(trace));
  if (trace.head.empty()) {
    return Error{.code = ErrorCode::TraceEmpty, .message = "trace " + path + " is empty", .file = path};
  }
  if (asked_format) {
    trace.format = asked_format;
    return trace;
  }
  auto detected = detect_format(trace.head);
  if (!detected.ok()) {
    Error error = detected.error();
    error.file = path;
    error.message = path + ": " + error.message;
    return error;
  }
  trace.format = detected.value();
  return trace;
}

Decoder::Decoder(OpenedTrace trace, ReaderOptions options, Digest digest)
    : trace_(std::move(trace)), reader_(trace_.format->make(options)) {
  if (digest == Digest::Sha256 && trace_.format->name != kPackedFormat) digest_.emplace();
  capacity_ = reader_->longest_record() + kChunk + trace_.head.size();
  buffer_.reset(new char[capacity_ + kSlack]);
  end_ = trace_.head.size();
  std::copy(trace_.head.begin(), trace_.head.end(), buffer_.get());
}

Status Decoder::fill(Batch& batch) {
  batch.clear();
  while (!done_) {
    const char* const text = buffer_.get() + begin_;
    auto decoded = reader_->decode({text, end_ - begin_}, last_, batch);
    if (!decoded.ok()) return located(decoded.error());
    if (digest_) digest_->add({text, decoded.value().used});
    begin_ += decoded.value().used;
    used_bytes_ += decoded.value().used;
    if (decoded.value().stop == Stop::BatchFull) return Done{};
    done_ = decoded.value().stop == Stop::Done;
    if (!done_) PW_TRY(read_more());
  }
  return Done{};
}

std::optional<std::uint64_t> Decoder::text_bytes() const {
  return trace_.format->name == kPackedFormat ? std::nullopt : std::optional(used_bytes_);
}

Status Decoder::read_more() {
  const std::size_t left = end_ - begin_;
  if (left > reader_->longest_record()) {
    return located(Error{.code = ErrorCode::TraceMalformed,
                         .message = "expected a line or record of at most " +
                                    std::to_string(reader_->longest_record()) + " bytes, found no end of it",
                         .offset = used_bytes_});
  }
  std::memmove(buffer_.get(), buffer_.get() + begin_, left);
  begin_ = 0;
  end_ = left;
  if (trace_.damage) return *trace_.damage;
  PW_TRY_ASSIGN(const std::size_t bytes, trace_.bytes->read({buffer_.get() + end_, kChunk}));
  end_ += bytes;
  if (bytes == 0) last_ = End::Last;
  return Done{};
}

Error Decoder::located(Error error) const {
  std::string where = trace_.file->path();
  if (error.line) where.append(":").append(std::to_string(*error.line));
  if (error.offset) where.append(" at byte ").append(std::to_string(*error.offset));
  error.message = where.append(": ").append(error.message);
  error.file = trace_.file->path();
  return error;
}

}  // namespace pw::trace
