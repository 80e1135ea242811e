// SPDX-License-Identifier: MIT
#include "phys/memory.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace pw::phys {

// Words are kept in host order, and byte accesses look into them.
static_assert(std::endian::native == std::endian::little, "simulated memory is little endian");

namespace {

constexpr std::uint64_t kMaxBytes = 1ull << kMaxPhysBits;

// Calls visit(offset in the range, address, bytes) for each piece that lies in one chunk, up to `size`.
template <class Visit>
void for_each_piece(PhysAddr start, std::uint64_t bytes, std::uint64_t size, Visit visit) {
  if (start.value() >= size) return;
  bytes = std::min(bytes, size - start.value());
  for (std::uint64_t done = 0; done < bytes;) {
    const PhysAddr at(start.value() + done);
    const std::uint64_t to_chunk_end = PhysicalMemory::kChunkBytes - at.value() % PhysicalMemory::kChunkBytes;
    const std::uint64_t piece = std::min(bytes - done, to_chunk_end);
    visit(done, at, piece);
    done += piece;
  }
}

PhysAddr word_aligned(PhysAddr address) { return PhysAddr(address.value() & ~7ull); }

}  // namespace

Status check_memory_size(std::uint64_t bytes) {
  if (bytes % kFrameBytes == 0 && bytes >= kFrameBytes && bytes <= kMaxBytes) return Done{};
  return Error{ErrorCode::OutOfRange,
               "memory: expected a multiple of 4096 bytes between 4096 (one frame) and 2^52, got " +
                   std::to_string(bytes)};
}

PhysicalMemory::PhysicalMemory(std::uint64_t size_bytes)
    : size_(size_bytes), directory_(static_cast<std::size_t>((size_bytes + kChunkBytes - 1) >> kChunkShift)) {
  PW_CHECK(check_memory_size(size_bytes).ok());
  if (size_bytes <= kRangeUpTo)
    range_ = static_cast<std::byte*>(try_map_host_pages(range_bytes(), Fills::Downward));
}

PhysicalMemory::~PhysicalMemory() {
  clear();
  if (range_ != nullptr) unmap_host_pages(range_, range_bytes());
}

std::uint64_t* PhysicalMemory::map_chunk(std::size_t chunk) {
  mapped_.push_back(chunk);
  if (range_ != nullptr)
    return directory_[chunk] = reinterpret_cast<std::uint64_t*>(range_ + (chunk << kChunkShift));
  try {
    directory_[chunk] = static_cast<std::uint64_t*>(map_host_pages(kChunkBytes));
  } catch (...) {
    mapped_.pop_back();
    throw;
  }
  return directory_[chunk];
}

void PhysicalMemory::read(PhysAddr from, std::span<std::byte> to) const {
  std::fill(to.begin(), to.end(), std::byte{0});
  for_each_piece(from, to.size(), size_, [&](std::uint64_t offset, PhysAddr at, std::uint64_t bytes) {
    const std::uint64_t* place = peek(word_aligned(at));
    if (!place) return;
    std::memcpy(to.data() + offset, reinterpret_cast<const std::byte*>(place) + at.value() % 8, bytes);
  });
}

void PhysicalMemory::write(PhysAddr to, std::span<const std::byte> from) {
  for_each_piece(to, from.size(), size_, [&](std::uint64_t offset, PhysAddr at, std::uint64_t bytes) {
    auto* place = reinterpret_cast<std::byte*>(word(word_aligned(at)));
    std::memcpy(place + at.value() % 8, from.data() + offset, bytes);
  });
}

void PhysicalMemory::zero_frame(FrameIndex frame) {
  if (!peek(address_of(frame))) return;
  std::memset(word(address_of(frame)), 0, kFrameBytes);
}

void PhysicalMemory::copy_frame(FrameIndex from, FrameIndex to) {
  const std::uint64_t* source = peek(address_of(from));
  if (!source) return zero_frame(to);
  std::uint64_t* target = word(address_of(to));
  if (target && target != source) std::memcpy(target, source, kFrameBytes);
}

std::vector<FrameIndex> PhysicalMemory::frames_in_use() const {
  constexpr std::size_t kWords = kFrameBytes / sizeof(std::uint64_t);
  std::vector<std::size_t> chunks = mapped_;
  std::sort(chunks.begin(), chunks.end());
  std::vector<FrameIndex> frames;
  for (const std::size_t chunk : chunks) {
    const std::uint64_t first = chunk * (kChunkBytes / kFrameBytes);
    for (const std::size_t block : touched_host_blocks(directory_[chunk], kChunkBytes)) {
      const std::uint64_t* words = directory_[chunk] + block * kWords;
      if (std::any_of(words, words + kWords, [](std::uint64_t word) { return word != 0; }))
        frames.emplace_back(first + block);
    }
  }
  return frames;
}

void PhysicalMemory::clear() {
  for (const std::size_t chunk : mapped_) {
    if (range_ != nullptr)
      discard_host_pages(directory_[chunk], kChunkBytes);
    else
      unmap_host_pages(directory_[chunk], kChunkBytes);
    directory_[chunk] = nullptr;
  }
  mapped_.clear();
}

std::uint64_t PhysicalMemory::committed_bytes() const {
  std::uint64_t bytes = 0;
  for (const std::size_t chunk : mapped_) bytes += resident_host_bytes(directory_[chunk], kChunkBytes);
  return bytes;
}

}  // namespace pw::phys
