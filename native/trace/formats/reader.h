// SPDX-License-Identifier: MIT
// The interface of a trace format: bytes in, packed words out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/result.h"
#include "trace/formats/batch.h"

namespace pw::trace {

enum class OnError : std::uint8_t { Stop, Skip };
enum class End : std::uint8_t { MoreFollows, Last };
// Why a reader stopped: it wants more bytes, the batch is full, or nothing more is wanted or comes.
enum class Stop : std::uint8_t { NeedsInput, BatchFull, Done };

struct ReaderOptions {
  OnError on_error = OnError::Stop;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  // records to read
};

// What a reader met besides words.
struct ReaderTally {
  std::uint64_t records = 0;          // accesses: one or two words each
  std::uint64_t other = 0;            // lines that are legal but no access, such as a banner
  std::uint64_t skipped = 0;          // records that do not parse, under OnError::Skip
  std::uint64_t unrelated_calls = 0;  // calls to the system that have no event
  std::uint64_t cut_calls = 0;        // calls whose result the trace does not show
};

struct Decoded {
  std::size_t used = 0;  // bytes
  Stop stop = Stop::NeedsInput;
};

// Bytes that must be readable behind the text given to decode(); their values do not matter.
inline constexpr std::size_t kSlack = 32;

class Reader {
 public:
  virtual ~Reader() = default;
  // Appends the records at the front of `text` to `batch`. The caller passes the unused rest again,
  // with more behind it. With End::Last a record that is cut short is an error.
  // Errors carry a line or an offset counted from the start of the trace.
  virtual Result<Decoded> decode(std::string_view text, End end, Batch& batch) = 0;
  // The caller keeps at least so many bytes before it calls a record too long.
  virtual std::size_t longest_record() const = 0;
  // The counts of the whole trace as the trace itself brings them, once read: packed traces only.
  virtual std::string_view embedded_info() const { return {}; }

  const ReaderTally& tally() const { return tally_; }

 protected:
  ReaderTally tally_;
};

}  // namespace pw::trace
