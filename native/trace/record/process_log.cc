// SPDX-License-Identifier: MIT
#include "trace/record/process_log.h"

#ifndef _WIN32

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace pw::trace {

ProcessLog::ProcessLog(std::string path, std::uint32_t pid, Origin origin)
    : path_(std::move(path)),
      pid_(pid),
      origin_(origin),
      reader_({.on_error = OnError::Skip}),
      text_(kSlack, '\0') {}

ProcessLog::~ProcessLog() {
  if (file_ >= 0) ::close(file_);
  if (fifo_ >= 0) ::close(fifo_);
}

bool ProcessLog::open_log() {
  if (file_ >= 0 || fifo_ >= 0) return true;
  const int opened = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (opened < 0) return false;
  if (origin_ == Origin::Started) {
    fifo_ = opened;
    return true;
  }
  file_ = opened;
  constexpr mode_t kOwnerOnly = 0600;
  if (::unlink(path_.c_str()) == 0 && ::mkfifo(path_.c_str(), kOwnerOnly) == 0)
    fifo_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  return true;
}

Result<bool> ProcessLog::read_more() {
  if (!open_log()) return false;
  if (file_ >= 0) {
    PW_TRY_ASSIGN(const bool has_more, read_descriptor(file_));
    if (has_more) return true;
  }
  return fifo_ >= 0 ? read_descriptor(fifo_) : Result<bool>(false);
}

Result<bool> ProcessLog::read_descriptor(int descriptor) {
  constexpr std::size_t kChunk = std::size_t{1} << 18;
  const std::size_t used = text_.size() - kSlack;
  text_.resize(used + kChunk + kSlack);
  const auto bytes = ::read(descriptor, text_.data() + used, kChunk);
  text_.resize(used + (bytes > 0 ? static_cast<std::size_t>(bytes) : 0) + kSlack);
  if (bytes >= 0) return bytes > 0;
  if (errno == EAGAIN || errno == EINTR) return false;
  return Error{.code = ErrorCode::TraceUnreadable,
               .message = "cannot read valgrind's log " + path_ + ": " + std::strerror(errno),
               .file = path_};
}

Result<bool> ProcessLog::decode(Batch& batch, End end) {
  const std::size_t bytes = text_.size() - kSlack;
  if (bytes == 0 && end == End::MoreFollows) return false;
  PW_TRY_ASSIGN(const Decoded decoded, reader_.decode({text_.data(), bytes}, end, batch));
  text_.erase(0, decoded.used);
  return decoded.stop == Stop::BatchFull;
}

}  // namespace pw::trace

#endif
