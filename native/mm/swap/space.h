// SPDX-License-Identifier: MIT
// Swap areas and their slots, counted together from 1 (Linux's swap_map and swap cache). A slot is in use while an
// entry of a page table or of an object names it, or while a frame holds the same content (the swap cache).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/lazy_array.h"
#include "base/number_option.h"
#include "phys/frame_bitmap.h"

namespace pw::mm {

// One page at random from and to a solid-state disk: Intel SSD DC P4500 with 1 or 2 TB, in Lenovo's product guide
// for it, "technical specifications": read access latency random 85 us, write access latency random 20 us.
inline constexpr std::uint64_t kPageReadNs = 85'000;
inline constexpr std::uint64_t kPageWriteNs = 20'000;

// A device or file to swap to. Areas are filled in the order in which they are given.
struct SwapAreaConfig {
  std::uint64_t slots = 0;
  std::uint64_t read_ns = kPageReadNs;
  std::uint64_t write_ns = kPageWriteNs;
};

std::span<const NumberOption<SwapAreaConfig>> swap_options();

using SwapSlot = std::uint32_t;

class SwapSpace {
 public:
  // REQUIRES: fewer than 2^32 slots in all.
  explicit SwapSpace(std::vector<SwapAreaConfig> areas);

  std::uint64_t slots() const { return slots_; }
  std::uint64_t in_use() const { return in_use_; }
  std::uint64_t free() const { return slots_ - in_use_; }
  const SwapAreaConfig& area_of(SwapSlot slot) const;

  // A slot that nothing refers to yet; nothing where all are in use.
  std::optional<SwapSlot> allocate();
  // One more (one less) entry names the slot.
  void add_reference(SwapSlot slot) { ++records_[slot].references; }
  void drop_reference(SwapSlot slot);
  // Calls visit(slot) for the slots in use.
  template <class Visit>
  void for_each_used(Visit visit) const {
    for (std::uint64_t slot = used_.next_used(1); slot <= slots_; slot = used_.next_used(slot + 1))
      visit(static_cast<SwapSlot>(slot));
  }
  std::uint32_t references(SwapSlot slot) const { return records_[slot].references; }

  // The frame that holds the slot's content as well.
  phys::MaybeFrame cached(SwapSlot slot) const {
    const std::uint64_t frame = records_[slot].frame_plus_1;
    if (frame == 0) return std::nullopt;
    return FrameIndex(frame - 1);
  }
  void set_cached(SwapSlot slot, FrameIndex frame) { records_[slot].frame_plus_1 = frame.value() + 1; }
  void drop_cached(SwapSlot slot);
  // A slot that only the swap cache uses, found by going round; nothing where there is none.
  std::optional<SwapSlot> find_cached_only();

  // Contents, where the machine has them: pages of zeros take no place.
  using Page = std::array<std::byte, kFrameBytes>;
  void store(SwapSlot slot, const Page& page);
  // nullptr: zeros.
  const Page* load(SwapSlot slot) const;

  std::vector<std::string> validate() const;

 private:
  struct Record {
    std::uint64_t frame_plus_1 = 0;
    std::uint32_t references = 0;
    bool is_used = false;
  };

  void release_if_unused(SwapSlot slot);

  std::vector<SwapAreaConfig> areas_;
  std::uint64_t slots_ = 0;
  std::uint64_t in_use_ = 0;
  phys::FrameBitmap used_;  // bit i: slot i
  LazyArray<Record> records_;
  SwapSlot hand_ = 0;
  std::unordered_map<SwapSlot, std::unique_ptr<Page>> contents_;
};

}  // namespace pw::mm
