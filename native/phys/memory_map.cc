// SPDX-License-Identifier: MIT
#include "phys/memory_map.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/check.h"
#include "phys/memory.h"

namespace pw::phys {
namespace {

constexpr std::uint64_t kEndOfMemory = 1ull << kMaxPhysBits;

std::string hex(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

Error violation(std::size_t index, const std::string& what) {
  return {ErrorCode::InvalidArgument, "memory map, range " + std::to_string(index) + ": " + what};
}

bool reaches_beyond_end(const MemoryRange& range) {
  return range.start.value() > kEndOfMemory || range.bytes > kEndOfMemory - range.start.value();
}

void check_range(std::size_t index, const MemoryRange& range, std::vector<Error>& errors) {
  if (range.bytes == 0) errors.push_back(violation(index, "expected at least one frame, got 0 bytes"));
  if (range.start.value() % kFrameBytes != 0) {
    errors.push_back(
        violation(index, "expected a start on a frame boundary, got " + hex(range.start.value())));
  }
  if (range.bytes % kFrameBytes != 0) {
    errors.push_back(
        violation(index, "expected whole frames of 4096 bytes, got " + std::to_string(range.bytes)));
  }
  if (reaches_beyond_end(range)) {
    errors.push_back(violation(index, "expected an end of at most 2^52, got start " +
                                          hex(range.start.value()) + " and " + std::to_string(range.bytes) +
                                          " bytes"));
  }
}

void append(std::vector<FrameRange>& ranges, std::uint64_t first, std::uint64_t end) {
  if (first >= end) return;
  if (!ranges.empty() && ranges.back().first.value() + ranges.back().count == first) {
    ranges.back().count += end - first;
  } else {
    ranges.push_back({FrameIndex(first), end - first});
  }
}

}  // namespace

std::string_view name_of(RangeKind kind) {
  constexpr std::string_view kNames[] = {"usable", "reserved", "hole"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Error> check(std::span<const MemoryRange> ranges) {
  std::vector<Error> errors;
  std::uint64_t end = 0;  // of the ranges so far
  bool any_usable = false;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    check_range(i, ranges[i], errors);
    const std::uint64_t start = ranges[i].start.value();
    if (start < end) {
      errors.push_back(violation(i, "expected a start at or after " + hex(end) +
                                        ", the end of the range before it, got " + hex(start)));
    }
    if (!reaches_beyond_end(ranges[i])) end = std::max(end, start + ranges[i].bytes);
    any_usable |= ranges[i].kind == RangeKind::Usable;
  }
  if (!any_usable)
    errors.push_back({ErrorCode::InvalidArgument, "memory map: expected a usable range, got none"});
  return errors;
}

std::vector<Error> check_memory(std::uint64_t bytes, std::span<const MemoryRange> map, std::uint64_t most) {
  const std::string_view name = map.empty() ? "memory" : "memory map";
  std::vector<Error> errors;
  if (!map.empty()) {
    errors = check(map);
    bytes = map.back().start.value() + map.back().bytes;
  } else if (const Status size = check_memory_size(bytes); !size.ok()) {
    errors.push_back(size.error());
  }
  if (errors.empty() && bytes > most)
    errors.push_back({ErrorCode::OutOfRange, std::string(name) + ": expected at most " +
                                                 std::to_string(most >> 40) + " TiB, got " +
                                                 std::to_string(bytes) + " bytes"});
  return errors;
}

MemoryMap::MemoryMap(std::vector<MemoryRange> ranges) : ranges_(std::move(ranges)) {
  PW_CHECK(check(ranges_).empty());
}

MemoryMap MemoryMap::flat(std::uint64_t bytes) {
  return MemoryMap({{PhysAddr(0), bytes, RangeKind::Usable}});
}

MemoryMap MemoryMap::of(std::uint64_t bytes, std::vector<MemoryRange> ranges) {
  return ranges.empty() ? flat(bytes) : MemoryMap(std::move(ranges));
}

std::uint64_t MemoryMap::frames() const {
  return (ranges_.back().start.value() + ranges_.back().bytes) >> kFrameShift;
}

std::uint64_t MemoryMap::usable_frames() const {
  std::uint64_t count = frames();
  for (const FrameRange& range : unusable()) count -= range.count;
  return count;
}

// Usable ranges that touch are one run.
bool MemoryMap::has_run(unsigned order) const {
  const std::uint64_t size = 1ull << order;
  const auto holds = [&](std::uint64_t first, std::uint64_t end) {
    const std::uint64_t start = (first + size - 1) & ~(size - 1);
    return start < end && end - start >= size;
  };
  std::uint64_t first = 0;
  for (const FrameRange& range : unusable()) {
    if (holds(first, range.first.value())) return true;
    first = range.first.value() + range.count;
  }
  return holds(first, frames());
}

std::string MemoryMap::description() const {
  return std::to_string(ranges_.size()) + (ranges_.size() == 1 ? " range, " : " ranges, ") +
         std::to_string(usable_frames()) + " of " + std::to_string(frames()) + " frames usable";
}

std::vector<FrameRange> MemoryMap::unusable() const {
  std::vector<FrameRange> result;
  std::uint64_t end = 0;
  for (const MemoryRange& range : ranges_) {
    const std::uint64_t first = frame_of(range.start).value();
    const std::uint64_t range_end = first + (range.bytes >> kFrameShift);
    append(result, end, range.kind == RangeKind::Usable ? first : range_end);
    end = range_end;
  }
  return result;
}

}  // namespace pw::phys
