// SPDX-License-Identifier: MIT
// Dinero IV's din form: `LABEL ADDRESS` in hexadecimal, label 0 a read, 1 a write, 2 a fetch. It has no sizes, so
// no access crosses a page. What follows the address on a line is ignored, as Dinero does.
#pragma once

#include "trace/formats/reader.h"

namespace pw::trace {

class DinReader final : public Reader {
 public:
  explicit DinReader(ReaderOptions options) : options_(options) {}

  Result<Decoded> decode(std::string_view text, End end, Batch& batch) override;
  std::size_t longest_record() const override { return std::size_t{1} << 16; }

  static bool recognizes(std::string_view head);

 private:
  Status take_line(std::string_view line, Batch& batch);

  ReaderOptions options_;
};

}  // namespace pw::trace
