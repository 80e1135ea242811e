// SPDX-License-Identifier: MIT
// Host memory of a machine: what booting costs, and bytes per resident page beyond the page tables.
// The pages are touched in order, one store each; host memory is the process's resident set.
//
//   bench_footprint [memory=GiB] [pages=N]
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <variant>

#include "machine/machine.h"
#include "words.h"

using namespace pw;

namespace {

std::uint64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  unsigned long long size = 0, resident = 0;
  if (!file || std::fscanf(file, "%llu %llu", &size, &resident) != 2)
    bench::fail("/proc/self/statm does not tell");
  std::fclose(file);
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t option(int count, char** arguments, const char* name, std::uint64_t otherwise) {
  const std::size_t length = std::strlen(name);
  for (int i = 1; i < count; ++i)
    if (std::strncmp(arguments[i], name, length) == 0) return std::stoull(arguments[i] + length);
  return otherwise;
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t gib = option(count, arguments, "memory=", 1024);
  const std::uint64_t pages = option(count, arguments, "pages=", 4 << 20);
  const machine::Preset& preset = *machine::find_preset("intel-skylake-sp");
  machine::Config config;
  config.tlb = preset.hierarchy();
  config.structure_caches = preset.structure_caches;
  config.memory_bytes = gib << 30;

  const std::uint64_t before = resident_bytes();
  const auto start = std::chrono::steady_clock::now();
  auto booted = machine::Machine::boot(config);
  const std::chrono::duration<double, std::milli> boot = std::chrono::steady_clock::now() - start;
  if (auto* errors = std::get_if<1>(&booted)) bench::fail(errors->front().message);
  machine::Machine& machine = *std::get<0>(booted);
  const std::uint64_t after_boot = resident_bytes();
  std::printf("boot of %llu GiB: %.2f ms, %.2f MiB\n", static_cast<unsigned long long>(gib), boot.count(),
              static_cast<double>(after_boot - before) / (1 << 20));

  for (std::uint64_t page = 0; page < pages; ++page) {
    const PackedAccess word = pack(VirtAddr(page << kFrameShift), AccessKind::Store);
    if (machine.replay({&word, 1}).stop != machine::Stop::End) bench::fail(machine.error().message);
  }
  const std::uint64_t tables = machine.stats().memory.table_frames * kFrameBytes;
  const std::uint64_t beyond = resident_bytes() - after_boot - tables;
  std::printf("%llu resident pages: %.2f bytes each beyond %.1f MiB of page tables\n",
              static_cast<unsigned long long>(pages),
              static_cast<double>(beyond) / static_cast<double>(pages),
              static_cast<double>(tables) / (1 << 20));
  return 0;
}
