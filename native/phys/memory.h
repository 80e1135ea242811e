// SPDX-License-Identifier: MIT
// The simulated bytes: sparse physical memory of up to 2^52 bytes.
//
// - A flat directory holds one host pointer per chunk of 64 MiB. A chunk is mapped when something in it
//   is first written, and the host commits its pages as they are touched: what was never written is free.
// - Where the host grants addresses for all of it at once (up to 16 TiB), chunks lie in that range in order, so
//   that walks find a word by adding.
// - Memory that was never written, and addresses beyond the end, read as zero; writes beyond the end
//   are dropped.
// - 64-bit accesses are aligned to 8 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "base/lazy_array.h"
#include "base/result.h"

namespace pw::phys {

// Whether memory of this size can be made: whole frames, at least one, at most 2^52 bytes.
Status check_memory_size(std::uint64_t bytes);

class PhysicalMemory {
 public:
  static constexpr unsigned kChunkShift = 26;
  static constexpr std::uint64_t kChunkBytes = 1ull << kChunkShift;

  // REQUIRES: check_memory_size(size_bytes) is ok
  explicit PhysicalMemory(std::uint64_t size_bytes);
  PhysicalMemory(PhysicalMemory&&) = delete;
  ~PhysicalMemory();

  std::uint64_t size() const { return size_; }
  std::uint64_t frames() const { return size_ >> kFrameShift; }
  bool contains(PhysAddr address) const { return address.value() < size_; }
  bool contains(PhysAddr address, std::uint64_t bytes) const {
    return bytes <= size_ && address.value() <= size_ - bytes;
  }

  // The word's place in host memory, for reading: nullptr where nothing was written nearby, or beyond
  // the end. Valid until clear().
  PW_ALWAYS_INLINE const std::uint64_t* peek(PhysAddr address) const { return view().peek(address); }
  // For many reads in a row: what peek() needs, in registers. Valid as long as the memory.
  struct View {
    std::uint64_t size;
    std::uint64_t* const* directory;
    std::byte* range;  // host addresses of all of it; nullptr: there are none

    PW_ALWAYS_INLINE const std::uint64_t* peek(PhysAddr address) const {
      PW_DCHECK(address.value() % sizeof(std::uint64_t) == 0);
      if (address.value() >= size) return nullptr;
      const std::uint64_t* chunk = directory[chunk_of(address)];
      return chunk ? chunk + word_in_chunk(address) : nullptr;
    }
    // The word's place, which reads as zero if nothing was written; nullptr beyond the end. May be written
    // where peek() gives it too. REQUIRES: there is a range.
    PW_ALWAYS_INLINE std::uint64_t* in_range(PhysAddr address) const {
      PW_DCHECK(address.value() % sizeof(std::uint64_t) == 0);
      if (address.value() >= size) return nullptr;
      return reinterpret_cast<std::uint64_t*>(range + address.value());
    }
  };
  View view() const { return {size_, directory_.data(), range_}; }
  // The same, for writing: maps the chunk if need be; nullptr only beyond the end.
  // Throws std::bad_alloc if the host has no more memory.
  PW_ALWAYS_INLINE std::uint64_t* word(PhysAddr address) {
    PW_DCHECK(address.value() % sizeof(std::uint64_t) == 0);
    if (address.value() >= size_) return nullptr;
    std::uint64_t* chunk = directory_[chunk_of(address)];
    if (!chunk) [[unlikely]]
      chunk = map_chunk(chunk_of(address));
    return chunk + word_in_chunk(address);
  }

  std::uint64_t read64(PhysAddr address) const {
    const std::uint64_t* place = peek(address);
    return place ? *place : 0;
  }
  void write64(PhysAddr address, std::uint64_t value) {
    if (std::uint64_t* place = word(address)) *place = value;
  }

  // Byte ranges of any alignment; parts beyond the end read as zero and are not written.
  void read(PhysAddr from, std::span<std::byte> to) const;
  void write(PhysAddr to, std::span<const std::byte> from);

  // Costs nothing for a frame in a chunk that was never written.
  void zero_frame(FrameIndex frame);
  void copy_frame(FrameIndex from, FrameIndex to);

  // The frames that hold something other than zeros, in order.
  std::vector<FrameIndex> frames_in_use() const;

  // Everything reads as zero again and the host memory is given back.
  void clear();
  // Host memory behind the simulated bytes, as far as the host tells.
  std::uint64_t committed_bytes() const;

 private:
  static constexpr std::size_t chunk_of(PhysAddr address) {
    return static_cast<std::size_t>(address.value() >> kChunkShift);
  }
  static constexpr std::size_t word_in_chunk(PhysAddr address) {
    return static_cast<std::size_t>((address.value() & (kChunkBytes - 1)) / sizeof(std::uint64_t));
  }
  static constexpr std::uint64_t kRangeUpTo = 1ull << 44;  // bytes

  PW_NOINLINE std::uint64_t* map_chunk(std::size_t chunk);
  std::size_t range_bytes() const { return directory_.size() << kChunkShift; }

  std::uint64_t size_;
  LazyArray<std::uint64_t*> directory_;
  std::byte* range_ = nullptr;
  std::vector<std::size_t> mapped_;  // chunks with a directory entry, in order of mapping
};

static_assert(PhysicalMemory::kChunkBytes % bytes_of(PageSize::Size2MiB) == 0);

}  // namespace pw::phys
