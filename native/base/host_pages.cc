// SPDX-License-Identifier: MIT
#include "base/host_pages.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#define PW_HOST_HAS_MMAP 1
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace pw {
namespace {

// Smaller blocks come from the heap: a mapping of their own would waste most of a page.
constexpr std::size_t kMapFrom = 64 << 10;

}  // namespace

#ifdef PW_HOST_HAS_MMAP

void* map_host_pages(std::size_t bytes) {
  if (bytes < kMapFrom) {
    void* block = std::calloc(std::max<std::size_t>(bytes, 1), 1);
    if (!block) throw std::bad_alloc();
    return block;
  }
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef MAP_NORESERVE
  flags |= MAP_NORESERVE;
#endif
  void* range = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (range == MAP_FAILED) throw std::bad_alloc();
  return range;
}

void unmap_host_pages(void* start, std::size_t bytes) noexcept {
  if (bytes < kMapFrom) {
    std::free(start);
  } else if (start) {
    munmap(start, bytes);
  }
}

std::size_t resident_host_bytes(const void* start, std::size_t bytes) {
  if (bytes < kMapFrom) return bytes;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((bytes + page - 1) / page);
#ifdef __APPLE__
  auto* answer = reinterpret_cast<char*>(resident.data());
#else
  auto* answer = resident.data();
#endif
  if (mincore(const_cast<void*>(start), bytes, answer) != 0) return bytes;
  const auto pages =
      std::count_if(resident.begin(), resident.end(), [](unsigned char in) { return (in & 1) != 0; });
  return static_cast<std::size_t>(pages) * page;
}

#else

void* map_host_pages(std::size_t bytes) {
  // calloc takes large blocks from the system's zero pages without writing to them.
  void* block = std::calloc(std::max(bytes, kMapFrom), 1);
  if (!block) throw std::bad_alloc();
  return block;
}

void unmap_host_pages(void* start, std::size_t) noexcept { std::free(start); }

std::size_t resident_host_bytes(const void*, std::size_t bytes) { return bytes; }

#endif

void advise_huge_pages([[maybe_unused]] void* start, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes >= kMapFrom) madvise(start, bytes, MADV_HUGEPAGE);
#endif
}

std::vector<bool> touched_host_blocks([[maybe_unused]] const void* start, std::size_t bytes) {
  constexpr std::size_t kBlock = 4096;
  std::vector<bool> touched((bytes + kBlock - 1) / kBlock, true);
#ifdef __linux__
  // One word a host page (Documentation/admin-guide/mm/pagemap.rst); unlike mincore() it knows of swap.
  constexpr std::uint64_t kPresentOrSwapped = 3ull << 62;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(start);
  if (page % kBlock != 0 || first % page != 0) return touched;
  std::vector<std::uint64_t> words((bytes + page - 1) / page);
  const int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (map < 0) return touched;
  const std::size_t wanted = words.size() * sizeof(std::uint64_t);
  const auto offset = static_cast<off_t>(first / page * sizeof(std::uint64_t));
  const bool known = pread(map, words.data(), wanted, offset) == static_cast<ssize_t>(wanted);
  close(map);
  if (!known) return touched;
  for (std::size_t block = 0; block < touched.size(); ++block)
    touched[block] = (words[block / (page / kBlock)] & kPresentOrSwapped) != 0;
#endif
  return touched;
}

}  // namespace pw
