// SPDX-License-Identifier: MIT
#include "base/host_pages.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <numeric>
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

#ifdef __linux__
// One word a host page (Documentation/admin-guide/mm/pagemap.rst); unlike mincore() it knows of swap. Nothing
// where it is not to be had.
std::vector<std::uint64_t> page_map(const void* start, std::size_t bytes, std::size_t page) {
  const auto first = reinterpret_cast<std::uintptr_t>(start);
  if (first % page != 0) return {};
  const int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (map < 0) return {};
  std::vector<std::uint64_t> words((bytes + page - 1) / page);
  const std::size_t wanted = words.size() * sizeof(std::uint64_t);
  const auto offset = static_cast<off_t>(first / page * sizeof(std::uint64_t));
  const bool known = pread(map, words.data(), wanted, offset) == static_cast<ssize_t>(wanted);
  close(map);
  if (!known) words.clear();
  return words;
}
#endif

#ifdef MAP_NORESERVE
constexpr int kMapFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
#elif defined(PW_HOST_HAS_MMAP)
constexpr int kMapFlags = MAP_PRIVATE | MAP_ANONYMOUS;
#endif

#ifdef PW_HOST_HAS_MMAP
void* map(std::size_t bytes) {
  void* range = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kMapFlags, -1, 0);
  return range == MAP_FAILED ? nullptr : range;
}

#ifdef MADV_HUGEPAGE
constexpr std::size_t kHugePage = 2 << 20;
constexpr std::size_t kSmallPart = 256 << 10;  // at the end that fills first
// Of what fills downward: the other end fills, too, but not with what lies close together.
constexpr std::size_t kDownwardShare = 256;

// The range begins where a boundary between huge pages parts the small part from the rest. nullptr: not worth it, or the host
// refuses.
void* map_for_huge_pages(std::size_t bytes, Fills fills) {
  if (bytes < kSmallPart + kHugePage || bytes > SIZE_MAX - 2 * kHugePage) return nullptr;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  bytes = (bytes + page - 1) / page * page;
  auto* const wide = static_cast<std::byte*>(map(bytes + kHugePage));
  if (wide == nullptr) return nullptr;
  const bool upward = fills == Fills::Upward;
  const std::size_t boundary = upward ? kSmallPart : bytes - kSmallPart;
  const std::size_t slack = (0 - (reinterpret_cast<std::uintptr_t>(wide) + boundary)) % kHugePage;
  std::byte* const range = wide + slack;
  if (slack != 0) munmap(wide, slack);
  munmap(range + bytes, kHugePage - slack);
  const std::size_t huge =
      upward ? bytes - kSmallPart : kHugePage + boundary / kDownwardShare / kHugePage * kHugePage;
  madvise(range + (upward ? kSmallPart : boundary - huge), huge, MADV_HUGEPAGE);
  return range;
}
#else
void* map_for_huge_pages(std::size_t, Fills) { return nullptr; }
#endif
#endif

}  // namespace

#ifdef PW_HOST_HAS_MMAP

void* map_host_pages(std::size_t bytes, Fills fills) {
  if (bytes < kMapFrom) {
    void* block = std::calloc(std::max<std::size_t>(bytes, 1), 1);
    if (!block) throw std::bad_alloc();
    return block;
  }
  void* range = try_map_host_pages(bytes, fills);
  if (!range) throw std::bad_alloc();
  return range;
}

void* try_map_host_pages(std::size_t bytes, Fills fills) noexcept {
  if (fills != Fills::Anywhere)
    if (void* range = map_for_huge_pages(bytes, fills)) return range;
  return map(bytes);
}

void discard_host_pages(void* start, std::size_t bytes) noexcept {
  mmap(start, bytes, PROT_READ | PROT_WRITE, kMapFlags | MAP_FIXED, -1, 0);
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

void* map_host_pages(std::size_t bytes, Fills) {
  // calloc takes large blocks from the system's zero pages without writing to them.
  void* block = std::calloc(std::max(bytes, kMapFrom), 1);
  if (!block) throw std::bad_alloc();
  return block;
}

void unmap_host_pages(void* start, std::size_t) noexcept { std::free(start); }

void* try_map_host_pages(std::size_t, Fills) noexcept { return nullptr; }

void discard_host_pages(void*, std::size_t) noexcept {}

std::size_t resident_host_bytes(const void*, std::size_t bytes) { return bytes; }

#endif

void advise_huge_pages([[maybe_unused]] void* start, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes >= kMapFrom) madvise(start, bytes, MADV_HUGEPAGE);
#endif
}

std::vector<std::size_t> touched_host_blocks([[maybe_unused]] const void* start, std::size_t bytes) {
  constexpr std::size_t kBlock = 4096;
  const std::size_t blocks = (bytes + kBlock - 1) / kBlock;
  std::vector<std::size_t> touched;
#ifdef __linux__
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::vector<std::uint64_t> words = page_map(start, bytes, page);
  constexpr std::uint64_t kPresentOrSwapped = 3ull << 62;
  const std::size_t blocks_in_page = page / kBlock;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if ((words[at] & kPresentOrSwapped) == 0) continue;
    const std::size_t end = std::min((at + 1) * blocks_in_page, blocks);
    for (std::size_t block = at * blocks_in_page; block < end; ++block) touched.push_back(block);
  }
  if (!words.empty()) return touched;
#endif
  touched.resize(blocks);
  std::iota(touched.begin(), touched.end(), std::size_t{0});
  return touched;
}

}  // namespace pw
