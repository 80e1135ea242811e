// SPDX-License-Identifier: MIT
// Who gives out frames: the interface of every frame allocator.
//
// - A frame is free, allocated or reserved (a hole or a reserved range of the memory map); reserved
//   frames are never given out and never come back.
// - The answer of allocate is the lowest (or highest) run that fits, whatever happened before: the
//   same calls give the same frames.
// - Runs are not remembered: any part of a run may be freed, and runs may be freed together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "phys/maybe_frame.h"

namespace pw::phys {

// From which end of memory: page tables come from the high end and data from the low one, so that
// frame indices stay dense at both.
enum class End : std::uint8_t { Low, High };

class FrameAllocator {
 public:
  virtual ~FrameAllocator() = default;

  // An aligned run of 2^order frames; nullopt where there is none.
  virtual MaybeFrame allocate(unsigned order = 0, End end = End::Low) = 0;
  // A run of `count` frames that starts at a multiple of `alignment`; nullopt where there is none.
  // REQUIRES: count > 0 and alignment is a power of two
  virtual MaybeFrame allocate_run(std::uint64_t count, std::uint64_t alignment, End end = End::Low) = 0;
  // Exactly these frames. AlreadyAllocated or ForeignFrame name the first that is not to be had; then
  // nothing was allocated.
  virtual Status allocate_at(FrameIndex first, std::uint64_t count = 1) = 0;

  // 2^order frames, aligned to as many. DoubleFree or ForeignFrame name the first frame that is not
  // allocated; then nothing was freed.
  virtual Status free(FrameIndex first, unsigned order = 0) = 0;
  virtual Status free_run(FrameIndex first, std::uint64_t count) = 0;

  virtual bool is_free(FrameIndex frame) const = 0;
  // Frames that are not reserved.
  virtual std::uint64_t usable_frames() const = 0;
  virtual std::uint64_t free_count() const = 0;
  virtual std::uint64_t frames() const = 0;

  // Recounts everything; each violated invariant is one sentence. Empty: healthy.
  virtual std::vector<std::string> validate() const = 0;
};

}  // namespace pw::phys
