// SPDX-License-Identifier: MIT
// The frame table: one compact record per frame in use; those never used cost no host memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.h"
#include "base/lazy_array.h"

namespace pw::phys {

// What a frame was allocated for. Zero is Free, so that an untouched table says so.
enum class FrameUse : std::uint8_t { Free, Data, Table, Reserved };

// One frame: use, owner page and flags in one word, references, and the swap slot of its clean copy.
class FrameRecord {
 public:
  FrameUse use() const { return static_cast<FrameUse>(word_ & kUseMask); }
  void set_use(FrameUse use) { word_ = (word_ & ~kUseMask) | static_cast<std::uint64_t>(use); }

  // The 4 KiB page that the frame holds (the first one of a huge page).
  VirtPage owner() const { return VirtPage(word_ >> kOwnerShift); }
  void set_owner(VirtPage page) { word_ = (word_ & kLowMask) | (page.value() << kOwnerShift); }

  // Written since it was loaded or last written back.
  bool is_dirty() const { return (word_ & kDirty) != 0; }
  void set_dirty(bool dirty) { word_ = dirty ? word_ | kDirty : word_ & ~kDirty; }
  bool is_pinned() const { return (word_ & kPinned) != 0; }
  void set_pinned(bool pinned) { word_ = pinned ? word_ | kPinned : word_ & ~kPinned; }

  std::uint32_t references() const { return references_; }
  void set_references(std::uint32_t references) { references_ = references; }

  // Slots count from 1; 0 means that no copy exists.
  std::uint32_t swap_slot() const { return swap_slot_; }
  void set_swap_slot(std::uint32_t slot) { swap_slot_ = slot; }

 private:
  static constexpr unsigned kOwnerShift = 19;  // bits 4..18 are spare
  static constexpr std::uint64_t kLowMask = (1ull << kOwnerShift) - 1;
  static constexpr std::uint64_t kUseMask = 3;
  static constexpr std::uint64_t kDirty = 1 << 2;
  static constexpr std::uint64_t kPinned = 1 << 3;
  static_assert(kMaxVirtBits - kFrameShift == 64 - kOwnerShift, "every page number fits");

  std::uint64_t word_ = 0;
  std::uint32_t references_ = 0;
  std::uint32_t swap_slot_ = 0;
};

static_assert(sizeof(FrameRecord) == 16);

class FrameTable {
 public:
  explicit FrameTable(std::uint64_t frames) : records_(static_cast<std::size_t>(frames)) {}

  std::uint64_t frames() const { return records_.size(); }
  // REQUIRES: frame.value() < frames()
  FrameRecord& operator[](FrameIndex frame) { return records_[static_cast<std::size_t>(frame.value())]; }
  const FrameRecord& operator[](FrameIndex frame) const {
    return records_[static_cast<std::size_t>(frame.value())];
  }

 private:
  LazyArray<FrameRecord> records_;
};

}  // namespace pw::phys
