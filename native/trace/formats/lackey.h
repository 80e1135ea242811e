// SPDX-License-Identifier: MIT
// What `valgrind --tool=lackey --trace-mem=yes` prints: one line, one access.
//
//   I  0401ab70,3        a fetch of 3 bytes
//    S 1fff0006b8,8      a store (L: load, M: modify)
//   ==123== ...          valgrind's banner and summary: counted, no access
//   SYSCALL[123,1](9) .. a call to the system (--trace-syscalls=yes): trace/formats/call_reader.h makes events of them
//
// The fast path takes lines of the plain form, 8 to 15 lower-case digits and a size below 4 KiB; every other
// line goes to one careful parser, which alone decides what is legal and words the refusals.
#pragma once

#include "trace/formats/call_reader.h"
#include "trace/formats/reader.h"

namespace pw::trace {

// What a line of the kind begins with.
std::string_view prefix_of(AccessKind kind);

class LackeyReader final : public Reader {
 public:
  explicit LackeyReader(ReaderOptions options, CallReader calls = {})
      : options_(options), calls_(std::move(calls)) {}

  const CallReader& calls() const { return calls_; }

  Result<Decoded> decode(std::string_view text, End end, Batch& batch) override;
  // Banner lines show command lines, which can be long.
  std::size_t longest_record() const override { return std::size_t{1} << 20; }

  // Whether the first lines of a text are of this form.
  static bool recognizes(std::string_view head);
  static bool has_events(std::string_view head);

 private:
  Result<Decoded> decode_lines(std::string_view text, Batch& batch);
  Status take_unfinished_line(std::string_view text, Batch& batch);
  Status take_line(std::string_view line, Batch& batch);
  bool may_go_on(const Batch& batch) const {
    return batch.has_room_for_access() && tally_.records < options_.limit;
  }
  Stop why_stopped(const Batch& batch) const;

  ReaderOptions options_;
  CallReader calls_;
};

}  // namespace pw::trace
