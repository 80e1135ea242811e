// SPDX-License-Identifier: MIT
// Cost of an allocate/free pair of the bitmap allocator as memory grows, and of booting 1 TiB.
//
//   few live    8,192 live frames, scattered at first; each pair frees one at random, then allocates
//   half full   the lower half of memory is allocated; 1,024 random frames of it are freed, then as many
//               allocated, and so on: the bitmap is visited everywhere, caches or not
//   bare bits   the limit of half full: the same places flipped in a plain bitmap without summaries
//   huge        2 MiB runs until memory is full
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "base/rng.h"
#include "phys/bitmap_allocator.h"
#include "phys/frame_table.h"
#include "phys/memory.h"

namespace {

using namespace pw;
using namespace pw::phys;
using Clock = std::chrono::steady_clock;

constexpr unsigned kRepeats = 3;
constexpr std::uint64_t kPairs = 10'000'000;
constexpr std::uint64_t kLive = 8192;  // half of 64 MiB
constexpr std::uint64_t kTiB = 1ull << 40;

struct Size {
  const char* name;
  std::uint64_t bytes;
};
constexpr Size kSizes[] = {
    {"64 MiB", 64ull << 20}, {"1 GiB", 1ull << 30}, {"64 GiB", 64ull << 30}, {"1 TiB", kTiB}};

double nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

// The choices are drawn beforehand, so that the generator is not measured.
std::vector<std::uint64_t> draw(std::uint64_t bound) {
  Rng rng(1);
  std::vector<std::uint64_t> choices(kPairs);
  for (auto& choice : choices) choice = rng.below(bound);
  return choices;
}

double few_live(std::uint64_t bytes) {
  BitmapAllocator allocator(MemoryMap::flat(bytes));
  Rng rng(2);
  std::vector<std::uint64_t> live;
  while (live.size() < kLive) {
    const std::uint64_t frame = rng.below(allocator.frames());
    if (allocator.allocate_at(FrameIndex(frame)).ok()) live.push_back(frame);
  }
  const auto choices = draw(kLive);
  const auto start = Clock::now();
  for (const std::uint64_t choice : choices) {
    PW_CHECK(allocator.free(FrameIndex(live[choice])).ok());
    live[choice] = (*allocator.allocate()).value();
  }
  return nanoseconds_since(start) / kPairs;
}

double half_full(std::uint64_t bytes) {
  constexpr std::size_t kBatch = 1024;
  BitmapAllocator allocator(MemoryMap::flat(bytes));
  PW_CHECK(allocator.allocate_at(FrameIndex(0), allocator.frames() / 2).ok());
  const auto choices = draw(allocator.frames() / 2);
  std::uint64_t pairs = 0;
  const auto start = Clock::now();
  for (std::size_t i = 0; i + kBatch <= choices.size(); i += kBatch) {
    std::uint64_t freed = 0;
    for (std::size_t j = i; j < i + kBatch; ++j) {
      if (allocator.is_free(FrameIndex(choices[j]))) continue;  // drawn twice in this batch
      PW_CHECK(allocator.free(FrameIndex(choices[j])).ok());
      ++freed;
    }
    for (std::uint64_t j = 0; j < freed; ++j) PW_CHECK(allocator.allocate().has_value());
    pairs += freed;
  }
  return nanoseconds_since(start) / static_cast<double>(pairs);
}

double bare_bits(std::uint64_t bytes) {
  constexpr std::size_t kBatch = 1024;
  LazyArray<std::uint64_t> bits((bytes >> kFrameShift) / 64);
  const auto choices = draw((bytes >> kFrameShift) / 2);
  const auto start = Clock::now();
  for (std::size_t i = 0; i + kBatch <= choices.size(); i += kBatch) {
    for (std::size_t j = i; j < i + kBatch; ++j) bits[choices[j] / 64] |= 1ull << choices[j] % 64;
    for (std::size_t j = i; j < i + kBatch; ++j) bits[choices[j] / 64] &= ~(1ull << choices[j] % 64);
  }
  return nanoseconds_since(start) / kPairs;
}

double huge(std::uint64_t bytes) {
  BitmapAllocator allocator(MemoryMap::flat(bytes));
  std::uint64_t runs = 0;
  const auto start = Clock::now();
  while (allocator.allocate(order_of(PageSize::Size2MiB))) ++runs;
  return nanoseconds_since(start) / static_cast<double>(runs);
}

// From /proc; 0 where there is none.
long resident_kib() {
  long kib = 0;
  if (std::FILE* status = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, status)) std::sscanf(line, "VmRSS: %ld", &kib);
    std::fclose(status);
  }
  return kib;
}

// Memory, frame table and allocator of 1 TiB, with a page of tables and a page of data in use.
void boot() {
  const long before = resident_kib();
  const auto start = Clock::now();
  PhysicalMemory memory(kTiB);
  FrameTable table(memory.frames());
  BitmapAllocator allocator(MemoryMap::flat(kTiB));
  for (const End end : {End::Low, End::High}) {
    const FrameIndex frame = *allocator.allocate(0, end);
    table[frame].set_use(FrameUse::Data);
    memory.write64(address_of(frame), 1);
  }
  const double elapsed = nanoseconds_since(start);
  std::printf("boot 1 TiB: %.3f ms, %ld KiB resident\n", elapsed / 1e6, resident_kib() - before);
}

void report(const char* what, double (*measure)(std::uint64_t), const Size& size) {
  std::vector<double> times;
  for (unsigned i = 0; i < kRepeats; ++i) times.push_back(measure(size.bytes));
  std::sort(times.begin(), times.end());
  std::printf("%-10s %-8s %7.1f ns  (%.1f to %.1f)\n", what, size.name, times[kRepeats / 2], times.front(),
              times.back());
}

}  // namespace

int main() {
  for (unsigned i = 0; i < kRepeats; ++i) boot();
  for (const Size& size : kSizes) report("few live", &few_live, size);
  for (const Size& size : kSizes) report("half full", &half_full, size);
  for (const Size& size : kSizes) report("bare bits", &bare_bits, size);
  for (const Size& size : kSizes) report("huge", &huge, size);
}
