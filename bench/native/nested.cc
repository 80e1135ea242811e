// SPDX-License-Identifier: MIT
// Nested walks without any cache: what one costs by the sizes of the guest's and the host's pages, and by
// reference. The cost follows the references if the last column stays about the same.
//
//   bench_nested [walks=N]
#include <cstdio>
#include <cstdlib>

#include "mmu/nested_mmu.h"
#include "words.h"

using namespace pw;
using paging::Level;

namespace {

constexpr std::uint64_t kGuestTables = 0x10'0000;  // guest-physical; the host maps its first GiB to itself
constexpr std::uint64_t kHostTables = 4ull << 30;
constexpr std::uint64_t kWriteBack = 6 << 3;

// Four levels that map the first GiB to itself by pages of one size. Tables stand one after another, the root
// first; `upper` and `leaf` are the flags of their entries.
void map_first_gib(phys::PhysicalMemory& memory, std::uint64_t tables, PageSize size, std::uint64_t upper,
                   std::uint64_t leaf) {
  const std::uint64_t page = size == PageSize::Size4KiB ? 0 : 0x80;
  const auto table = [&](unsigned number) { return tables + number * kFrameBytes; };
  memory.write64(PhysAddr(table(0)), table(1) | upper);
  if (size == PageSize::Size1GiB) return memory.write64(PhysAddr(table(1)), leaf | page);
  memory.write64(PhysAddr(table(1)), table(2) | upper);
  for (std::uint64_t i = 0; i < 512; ++i) {
    const PhysAddr entry(table(2) + i * 8);
    if (size == PageSize::Size2MiB) {
      memory.write64(entry, i << 21 | leaf | page);
      continue;
    }
    memory.write64(entry, table(3 + static_cast<unsigned>(i)) | upper);
    for (std::uint64_t j = 0; j < 512; ++j)
      memory.write64(PhysAddr(table(3 + static_cast<unsigned>(i)) + j * 8), i << 21 | j << 12 | leaf);
  }
}

void measure(PageSize guest, PageSize host, std::uint64_t walks) {
  constexpr std::uint64_t kGuestFlags = 0x27, kHostFlags = paging::ept::kAll;  // P, R/W, U/S, A
  phys::PhysicalMemory memory(8ull << 30);
  map_first_gib(memory, kGuestTables, guest, kGuestFlags, kGuestFlags | 0x40);
  map_first_gib(memory, kHostTables, host, kHostFlags, kHostFlags | kWriteBack);
  mmu::NestedMmu<tlb::LruWays> mmu(memory, {}, {1, {.root = PhysAddr(kHostTables)}});
  if (!mmu.write_cr3(kGuestTables).ok()) bench::fail("CR3 was refused");
  Rng rng(1);
  const double start = bench::cpu_seconds();
  for (std::uint64_t i = 0; i < walks; ++i) {
    const auto outcome = mmu.access({VirtAddr(rng.below(1ull << 30)), 1, {}});
    if (outcome.exception || outcome.exit) bench::fail("a walk failed");
  }
  const double seconds = bench::cpu_seconds() - start;
  const auto& counters = mmu.counters();
  const double references =
      static_cast<double>(counters.guest_references + counters.host_references) / static_cast<double>(walks);
  const double nanoseconds = 1e9 * seconds / static_cast<double>(walks);
  constexpr const char* kNames[] = {"4 KiB", "2 MiB", "1 GiB"};
  std::printf("guest %s, host %s: %4.0f references %7.1f ns a walk %6.2f ns a reference\n",
              kNames[static_cast<int>(guest)], kNames[static_cast<int>(host)], references, nanoseconds,
              nanoseconds / references);
}

}  // namespace

int main(int count, char** arguments) {
  std::uint64_t walks = 1'000'000;
  for (int i = 1; i < count; ++i)
    if (const std::string text = arguments[i]; text.starts_with("walks="))
      walks = std::stoull(text.substr(6));
  constexpr PageSize kSizes[] = {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB};
  for (const PageSize guest : kSizes)
    for (const PageSize host : kSizes) measure(guest, host, walks);
  return 0;
}
