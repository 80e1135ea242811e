// SPDX-License-Identifier: MIT
// Which parts of physical memory can be given out, as firmware reports them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace pw::phys {

enum class RangeKind : std::uint8_t { Usable, Reserved, Hole };
std::string_view name_of(RangeKind kind);

struct MemoryRange {
  PhysAddr start;
  std::uint64_t bytes = 0;
  RangeKind kind = RangeKind::Usable;
};

struct FrameRange {
  FrameIndex first;
  std::uint64_t count = 0;
  friend bool operator==(FrameRange, FrameRange) = default;
};

// Every violation: ranges are not empty, whole frames, in order, without overlap, below 2^52, and at
// least one of them is usable.
std::vector<Error> check(std::span<const MemoryRange> ranges);

// The same for memory of one size, or of this map instead where it has ranges; and its last byte is below `most`.
std::vector<Error> check_memory(std::uint64_t bytes, std::span<const MemoryRange> map, std::uint64_t most);

class MemoryMap {
 public:
  // REQUIRES: check(ranges) is empty
  explicit MemoryMap(std::vector<MemoryRange> ranges);
  // One usable range. REQUIRES: whole frames, at least one, at most 2^52 bytes
  static MemoryMap flat(std::uint64_t bytes);
  // Of memory of one size, or of these ranges where there are some. REQUIRES: check_memory() finds nothing
  static MemoryMap of(std::uint64_t bytes, std::vector<MemoryRange> ranges);

  std::span<const MemoryRange> ranges() const { return ranges_; }
  // Up to the end of the last range.
  std::uint64_t frames() const;
  std::uint64_t bytes() const { return frames() << kFrameShift; }
  std::uint64_t usable_frames() const;
  // What is not usable below frames(): reserved ranges, holes and gaps; in order, neighbors joined.
  std::vector<FrameRange> unusable() const;
  // Whether 2^order frames, aligned to as many, are usable somewhere.
  bool has_run(unsigned order) const;
  // "3 ranges, 1048448 of 1048576 frames usable".
  std::string description() const;

 private:
  std::vector<MemoryRange> ranges_;
};

}  // namespace pw::phys
