// SPDX-License-Identifier: MIT
// Something that makes words batch by batch: a decoder of bytes, a generator, words in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trace/formats/batch.h"
#include "trace/formats/reader.h"

namespace pw::trace {

class Producer {
 public:
  virtual ~Producer() = default;
  // Fills `batch` from its beginning, never ending between two halves; leaves it empty at the end.
  virtual Status fill(Batch& batch) = 0;

  // For progress: of total() in the same unit. Callable from any thread.
  virtual std::uint64_t position() const = 0;
  virtual std::uint64_t total() const = 0;  // 0 where it is not known
  // Makes a fill() that waits return. Callable from any thread.
  virtual void cancel() {}

  // What the end of the trace knows besides words; complete once fill() left a batch empty.
  virtual ReaderTally tally() const { return {}; }
  virtual std::optional<std::uint64_t> text_bytes() const { return std::nullopt; }
  virtual std::string sha256() const { return {}; }
  virtual std::string_view embedded_info() const { return {}; }
};

}  // namespace pw::trace
