// SPDX-License-Identifier: MIT
// VM objects: where the pages of a file or of shared memory stand (in a frame, in swap, nowhere yet) and, where
// the machine has contents, the bytes of the file. Pages are numbered from the beginning of the object.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/address.h"
#include "mm/page_record.h"
#include "mm/swap/space.h"

namespace pw::mm {

// SharedMemory: memfd, POSIX and System V shared memory, shared anonymous mappings; its store is swap.
enum class ObjectKind : std::uint8_t { File, SharedMemory };

// Where a page of an object stands.
class PagePlace {
 public:
  constexpr PagePlace() = default;
  static constexpr PagePlace in(FrameIndex frame) { return PagePlace(frame.value() << 2 | kFrame); }
  static constexpr PagePlace in(SwapSlot slot) { return PagePlace(std::uint64_t{slot} << 2 | kSlot); }

  constexpr bool is_nowhere() const { return bits_ == 0; }
  constexpr bool is_frame() const { return (bits_ & 3) == kFrame; }
  constexpr bool is_slot() const { return (bits_ & 3) == kSlot; }
  constexpr FrameIndex frame() const { return FrameIndex(bits_ >> 2); }
  constexpr SwapSlot slot() const { return static_cast<SwapSlot>(bits_ >> 2); }

 private:
  static constexpr std::uint64_t kFrame = 1, kSlot = 2;
  explicit constexpr PagePlace(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_ = 0;
};

class VmObject {
 public:
  VmObject(std::uint32_t number, ObjectKind kind, std::string name, std::uint64_t bytes)
      : number_(number), kind_(kind), name_(std::move(name)), bytes_(bytes) {}

  std::uint32_t number() const { return number_; }
  ObjectKind kind() const { return kind_; }
  PageKind page_kind() const { return kind_ == ObjectKind::File ? PageKind::File : PageKind::SharedMemory; }
  const std::string& name() const { return name_; }
  std::uint64_t bytes() const { return bytes_; }
  void set_bytes(std::uint64_t bytes) { bytes_ = bytes; }
  // Pages that lie in the object at least in part: an access behind them is a bus error.
  std::uint64_t pages() const { return bytes_ / kFrameBytes + (bytes_ % kFrameBytes != 0); }

  // Pages that count towards the commit limit as long as the object lives.
  std::uint64_t charged_pages() const { return charged_pages_; }
  void set_charged_pages(std::uint64_t pages) { charged_pages_ = pages; }

  PagePlace page(std::uint64_t index) const {
    const auto chunk = chunks_.find(index / kChunk);
    return chunk == chunks_.end() ? PagePlace{} : (*chunk->second)[index % kChunk];
  }
  void set_page(std::uint64_t index, PagePlace place) {
    auto& chunk = chunks_[index / kChunk];
    if (!chunk) chunk = std::make_unique<Chunk>();
    (*chunk)[index % kChunk] = place;
  }
  // Calls visit(index, place) for the pages in [first, end) that are somewhere, in any order; visit may change
  // the place of the page that it is given.
  template <class Visit>
  void for_each_page(std::uint64_t first, std::uint64_t end, Visit visit) const {
    for (const auto& [number, chunk] : chunks_)
      for (std::uint64_t i = 0; i < kChunk; ++i) {
        const std::uint64_t index = number * kChunk + i;
        if (first <= index && index < end && !(*chunk)[i].is_nowhere()) visit(index, (*chunk)[i]);
      }
  }

  // The bytes of a file on its device; what was never written is zero.
  void read_stored(std::uint64_t page, std::span<std::byte, kFrameBytes> to) const;
  void write_stored(std::uint64_t page, std::span<const std::byte, kFrameBytes> from);
  // Bytes from an offset on are gone.
  void cut_stored(std::uint64_t bytes);
  // Pages in [first, end) hold zeros.
  void clear_stored(std::uint64_t first, std::uint64_t end);

 private:
  static constexpr std::uint64_t kChunk = 512;
  using Chunk = std::array<PagePlace, kChunk>;

  std::uint32_t number_;
  ObjectKind kind_;
  std::string name_;
  std::uint64_t bytes_;
  std::uint64_t charged_pages_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Chunk>> chunks_;
  std::unordered_map<std::uint64_t, std::unique_ptr<SwapSpace::Page>> stored_;
};

}  // namespace pw::mm
