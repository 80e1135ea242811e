// SPDX-License-Identifier: MIT
// Writes a trace as text: lines as valgrind's lackey prints them, calls as --trace-syscalls=yes does, and lines of our
// own for what valgrind does not tell (trace/formats/call_reader.h, which reads all of it back).
//
// The size of an access is 1 where it is not known, and reaches into the next page where the access crosses.
#pragma once

#include <memory>
#include <string>

#include "trace/file.h"
#include "trace/formats/batch.h"

namespace pw::trace {

// The lines of one event, each with its end.
std::string text_of(const Event& event);

class TextWriter {
 public:
  static Result<TextWriter> create(const std::string& path);

  Status add(const Batch& batch);
  // The file has its name only after this.
  Status finish();

 private:
  explicit TextWriter(std::unique_ptr<OutputFile> file) : file_(std::move(file)) {}
  void append_words(const Batch& batch, std::size_t begin, std::size_t end);

  std::unique_ptr<OutputFile> file_;
  std::string text_;
};

}  // namespace pw::trace
