// SPDX-License-Identifier: MIT
// The log that valgrind writes of one process, read while it grows: a FIFO of a process that was started for the
// recording, a file of one that was forked. In the place of a file comes a FIFO as soon as it is open, so that what the
// process may exec is read too: valgrind opens its log anew then, and would empty a file.
#pragma once

#include <cstdint>
#include <string>

#include "trace/formats/lackey.h"

namespace pw::trace {

class ProcessLog {
 public:
  enum class Origin : std::uint8_t { Started, Forked };

  ProcessLog(std::string path, std::uint32_t pid, Origin origin);
  ~ProcessLog();
  ProcessLog(const ProcessLog&) = delete;
  ProcessLog& operator=(const ProcessLog&) = delete;

  std::uint32_t pid() const { return pid_; }
  Origin origin() const { return origin_; }
  // What calls mean: of a forked process what its parent knew. REQUIRES of set_calls(): nothing was decoded yet.
  const CallReader& calls() const { return reader_.calls(); }
  void set_calls(const CallReader& calls) { reader_ = LackeyReader({.on_error = OnError::Skip}, calls); }
  // Whether there is a log to read.
  bool open_log();
  const ReaderTally& tally() const { return reader_.tally(); }
  // Whether there was something to read. Errors: TRACE_UNREADABLE.
  Result<bool> read_more();
  // What was read, until the batch is full: false once nothing is left but, before the end, the beginning of a line.
  Result<bool> decode(Batch& batch, End end);

 private:
  Result<bool> read_descriptor(int descriptor);

  std::string path_;
  std::uint32_t pid_;
  Origin origin_;
  LackeyReader reader_;
  int file_ = -1;
  int fifo_ = -1;
  std::string text_;  // not decoded yet, and kSlack bytes more
};

}  // namespace pw::trace
