// SPDX-License-Identifier: MIT
// A stream of packed accesses, selected and in order: what a replay consumes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/access.h"
#include "base/result.h"
#include "trace/counts.h"
#include "trace/event.h"

namespace pw::trace {

enum class Refs : std::uint8_t { All, Data, Fetch };
enum class Crossing : std::uint8_t { Both, First };

// In the order in which they apply: lines are limited, then selected.
struct Selection {
  std::optional<std::uint64_t> limit = std::nullopt;  // trace lines read
  Refs refs = Refs::All;
  Crossing crossing = Crossing::Both;  // First: second halves are dropped
};

class AccessSource {
 public:
  virtual ~AccessSource() = default;
  // The next words, valid until the next call; empty at the end. A span never ends between the two
  // halves of a crossing access.
  virtual Result<std::span<const PackedAccess>> next() = 0;
  // Among the words handed out last, by position; with the empty span at the end, those behind the last word.
  virtual std::span<const Event> events() const { return {}; }
  // Of the lines behind the words handed out so far; of all lines read once next() was empty.
  virtual const TraceCounts& counts() const = 0;
  // How far, for progress: of total() in the same unit. Callable from any thread.
  virtual std::uint64_t position() const = 0;
  // 0 where it is not known.
  virtual std::uint64_t total() const = 0;
  // CPU seconds spent on decoding so far.
  virtual double decode_seconds() const = 0;
  // Releases a producer that waits, so that the source can be destroyed or the run stops early.
  virtual void cancel() = 0;
};

}  // namespace pw::trace
