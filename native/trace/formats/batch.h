// SPDX-License-Identifier: MIT
// A batch of decoded words: what readers fill.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/access.h"
#include "trace/event.h"

namespace pw::trace {

inline constexpr std::size_t kBatchWords = std::size_t{1} << 16;
// No access of a processor is larger; a page is the natural bound, as one access then touches two at most.
inline constexpr std::uint64_t kMaxAccessBytes = 4096;

enum class Sizes : std::uint8_t { Dropped, Kept };

struct Batch {
  explicit Batch(Sizes keep)
      : words(new PackedAccess[kBatchWords]),
        sizes(keep == Sizes::Kept ? new std::uint16_t[kBatchWords] : nullptr) {}

  void clear() {
    count = 0;
    events.clear();
  }
  bool has_room_for_access() const { return count + 2 <= kBatchWords; }

  std::unique_ptr<PackedAccess[]> words;
  // In bytes, beside the access's first word; 0 where it is not known and beside second halves. Null if dropped.
  std::unique_ptr<std::uint16_t[]> sizes;
  std::size_t count = 0;
  // Among the words, by position; empty in traces without memory calls.
  std::vector<Event> events;
};

// Why an access has no words.
enum class AccessFault : std::uint8_t { None, NotCanonical, Wraps };

// The last byte's page, if it is not the first byte's.
constexpr bool crosses_page(VirtAddr address, std::uint64_t size) {
  return offset_in_page(address, PageSize::Size4KiB) + size > kFrameBytes;
}
constexpr VirtAddr next_page_start(VirtAddr address) {
  return VirtAddr((address.value() | (kFrameBytes - 1)) + 1);
}

constexpr AccessFault check_access(VirtAddr address, std::uint64_t size) {
  if (!is_canonical(address, kMaxVirtBits)) return AccessFault::NotCanonical;
  if (!crosses_page(address, size)) return AccessFault::None;
  const VirtAddr next = next_page_start(address);
  return next.value() == 0 || !is_canonical(next, kMaxVirtBits) ? AccessFault::Wraps : AccessFault::None;
}

// Appends one access as one word or, where it crosses a 4 KiB boundary, as two.
// REQUIRES: has_room_for_access(), check_access() found none; size 0 stands for not known.
inline void append_access(Batch& batch, VirtAddr address, AccessKind kind, std::uint64_t size) {
  if (batch.sizes) batch.sizes[batch.count] = static_cast<std::uint16_t>(size);
  batch.words[batch.count++] = pack(address, kind);
  if (!crosses_page(address, size)) return;
  if (batch.sizes) batch.sizes[batch.count] = 0;
  batch.words[batch.count++] = pack(next_page_start(address), kind, Half::Second);
}

}  // namespace pw::trace
