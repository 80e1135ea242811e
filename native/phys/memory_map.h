// SPDX-License-Identifier: MIT
// Which parts of physical memory can be given out, as firmware reports them.
#pragma once

#include <cstdint>
#include <span>
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

class MemoryMap {
 public:
  // REQUIRES: check(ranges) is empty
  explicit MemoryMap(std::vector<MemoryRange> ranges);
  // One usable range. REQUIRES: whole frames, at least one, at most 2^52 bytes
  static MemoryMap flat(std::uint64_t bytes);

  std::span<const MemoryRange> ranges() const { return ranges_; }
  // Up to the end of the last range.
  std::uint64_t frames() const;
  std::uint64_t usable_frames() const;
  // What is not usable below frames(): reserved ranges, holes and gaps; in order, neighbors joined.
  std::vector<FrameRange> unusable() const;

 private:
  std::vector<MemoryRange> ranges_;
};

}  // namespace pw::phys
