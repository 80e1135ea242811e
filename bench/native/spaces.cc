// SPDX-License-Identifier: MIT
// What page faults and memory calls cost in host time, over sizes of memory and numbers of VMAs.
//
//   bench_spaces [rounds=N] [only=START]
#include <cstdio>
#include <string>

#include "mm/fault/chain.h"
#include "os/system.h"
#include "words.h"

using namespace pw;

namespace {

constexpr std::uint64_t kReadWrite = mm::abi::kProtRead | mm::abi::kProtWrite;

os::SystemConfig config_of(std::uint64_t memory_bytes) {
  const std::array<bool, kPageSizes> all{true, true, true};
  const std::array<bool, kPageSizes> small{true, false, false};
  const std::array<bool, kAccessKinds> every{true, true, true, true};
  os::SystemConfig config;
  config.kernel.memory_bytes = memory_bytes;
  config.kernel.overcommit.mode = mm::Overcommit::Always;
  config.kernel.max_map_count = 1u << 20;
  config.cpu.tlb = {{{.name = "l1", .level = 1, .kinds = every, .arrays = {{64, 4, small}}},
                     {.name = "l2", .level = 2, .kinds = every, .arrays = {{1536, 12, all}}}}};
  config.cpu.structure_caches = {2, 4, 32};
  return config;
}

struct Booted {
  explicit Booted(const os::SystemConfig& config) {
    std::vector<Error> violations;
    system = os::System::boot(config, violations);
    if (!system) bench::fail(violations.front().message);
    process = system->processes().create({});
  }
  std::uint64_t region(std::uint64_t pages) {
    const auto mapped = system->allocate_region(*process, pages * kFrameBytes, kReadWrite);
    if (!mapped.ok()) bench::fail("a region was refused");
    return mapped.value;
  }
  void store(std::uint64_t address) {
    if (system->access(*process, VirtAddr(address), AccessKind::Store).end != os::AccessEnd::Done)
      bench::fail("an access was refused");
  }
  // VMAs of one page with a page between them, below everything else; the lowest address.
  std::uint64_t scatter(std::uint64_t vmas) {
    const std::uint64_t start = region(2 * vmas + 2);
    for (std::uint64_t i = 0; i <= vmas; ++i)
      if (mm::munmap(process->space(), start + 2 * i * kFrameBytes, kFrameBytes) != mm::Errno::None)
        bench::fail("munmap failed");
    return start;
  }

  std::unique_ptr<os::System> system;
  os::Process* process = nullptr;
};

template <class Run>
double nanoseconds_of(std::uint64_t times, Run run) {
  const double start = bench::cpu_seconds();
  run();
  return 1e9 * (bench::cpu_seconds() - start) / static_cast<double>(times);
}

double minor_fault(std::uint64_t memory_bytes) {
  constexpr std::uint64_t kPages = 12'000;
  Booted booted(config_of(memory_bytes));
  const std::uint64_t at = booted.region(kPages);
  return nanoseconds_of(kPages, [&] {
    for (std::uint64_t page = 0; page < kPages; ++page) booted.store(at + page * kFrameBytes);
  });
}

// The same without the MMU: the chain of handlers from the fault to the entry.
double minor_fault_chain() {
  constexpr std::uint64_t kPages = 12'000;
  Booted booted(config_of(1ull << 30));
  const std::uint64_t at = booted.region(kPages);
  return nanoseconds_of(kPages, [&] {
    for (std::uint64_t page = 0; page < kPages; ++page) {
      mm::SpaceFault fault{.space = booted.process->space(),
                           .address = VirtAddr(at + page * kFrameBytes),
                           .error_code = paging::error_code::kWrite | paging::error_code::kUser};
      if (mm::handle(fault) != mm::FaultOutcome::ResolvedMinor) bench::fail("a fault was refused");
    }
  });
}

// In random order over the same pages, which so many VMAs hold.
double minor_fault_among(std::uint64_t vmas) {
  constexpr std::uint64_t kPages = 100'003, kStep = 7919;  // both prime
  constexpr std::uint64_t kFaults = 20'000;
  Booted booted(config_of(4ull << 30));
  const std::uint64_t at = booted.region(2 * kPages);
  for (std::uint64_t i = 1; i < vmas; ++i)
    if (mm::munmap(booted.process->space(), at + 2 * (kPages * i / vmas) * kFrameBytes, kFrameBytes) !=
        mm::Errno::None)
      bench::fail("munmap failed");
  if (booted.process->space().vmas().size() != vmas) bench::fail("other VMAs than expected");
  return nanoseconds_of(kFaults, [&] {
    for (std::uint64_t i = 0; i < kFaults; ++i)
      booted.store(at + (2 * (i * kStep % kPages) + 1) * kFrameBytes);
  });
}

double major_fault() {
  constexpr std::uint64_t kFrames = 16'384;
  os::SystemConfig config = config_of(kFrames * kFrameBytes);
  config.kernel.swap = {{.slots = 8 * kFrames}};
  Booted booted(config);
  const std::uint64_t pages = 2 * kFrames;
  const std::uint64_t at = booted.region(pages);
  for (std::uint64_t page = 0; page < pages; ++page) booted.store(at + page * kFrameBytes);
  const std::uint64_t before = booted.process->faults().major;
  const double spent = nanoseconds_of(1, [&] {
    for (std::uint64_t page = 0; page < pages; ++page) booted.store(at + page * kFrameBytes);
  });
  return spent / static_cast<double>(booted.process->faults().major - before);
}

double map_and_unmap(std::uint64_t vmas) {
  constexpr std::uint64_t kPairs = 200'000;
  Booted booted(config_of(4ull << 30));
  booted.scatter(vmas);
  mm::AddressSpace& space = booted.process->space();
  return nanoseconds_of(kPairs, [&] {
    for (std::uint64_t i = 0; i < kPairs; ++i) {
      const auto mapped = mm::mmap(space, {.length = kFrameBytes,
                                           .protection = mm::abi::kProtRead,  // merges with nothing
                                           .flags = mm::abi::kMapPrivate | mm::abi::kMapAnonymous});
      if (!mapped.ok() || mm::munmap(space, mapped.value, kFrameBytes) != mm::Errno::None)
        bench::fail("mmap or munmap failed");
    }
  });
}

struct ForkCost {
  double fork_ms;
  double exit_ms;
};

ForkCost fork_and_exit() {
  constexpr std::uint64_t kPages = 262'144;  // 1 GiB
  Booted booted(config_of(4ull << 30));
  const std::uint64_t at = booted.region(kPages);
  for (std::uint64_t page = 0; page < kPages; ++page) booted.store(at + page * kFrameBytes);
  os::Process* child = nullptr;
  const double forked = nanoseconds_of(1, [&] { child = booted.system->processes().fork(*booted.process); });
  if (child == nullptr) bench::fail("fork failed");
  booted.system->processes().end(*child);
  const double ended = nanoseconds_of(1, [&] { booted.system->processes().end(*booted.process); });
  return {forked / 1e6, ended / 1e6};
}

struct Options {
  unsigned rounds = 5;
  std::string only;  // of the lines, those that begin so
};

Options options_of(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string text = arguments[i];
    if (text.starts_with("rounds=")) options.rounds = static_cast<unsigned>(std::stoul(text.substr(7)));
    if (text.starts_with("only=")) options.only = text.substr(5);
  }
  return options;
}

template <class Measure>
void report(const Options& options, const std::string& name, const char* unit, Measure measure) {
  if (!name.starts_with(options.only)) return;
  std::vector<double> values;
  for (unsigned i = 0; i < options.rounds; ++i) values.push_back(measure());
  std::printf("%s: %.*f %s\n", name.c_str(), *unit == 'm' ? 1 : 0, bench::median(values), unit);
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = options_of(count, arguments);
  struct Size {
    const char* name;
    std::uint64_t bytes;
  };
  for (const Size size : {Size{"64 MiB", 64ull << 20}, Size{"1 GiB", 1ull << 30}, Size{"64 GiB", 64ull << 30},
                          Size{"1 TiB", 1ull << 40}})
    report(options, "minor fault, " + std::string(size.name) + " of memory", "ns",
           [&] { return minor_fault(size.bytes); });
  report(options, "minor fault, the chain of handlers alone", "ns", minor_fault_chain);
  for (const std::uint64_t vmas : {1ull, 10'000ull, 100'000ull})
    report(options, "minor fault among " + std::to_string(vmas) + " VMAs", "ns",
           [&] { return minor_fault_among(vmas); });
  report(options, "major fault with an eviction", "ns", major_fault);
  for (const std::uint64_t vmas : {1ull, 1000ull, 100'000ull})
    report(options, "mmap and munmap of one page beside " + std::to_string(vmas) + " VMAs", "ns a pair",
           [&] { return map_and_unmap(vmas); });
  report(options, "fork of 1 GiB", "ms", [] { return fork_and_exit().fork_ms; });
  report(options, "exit of 1 GiB", "ms", [] { return fork_and_exit().exit_ms; });
  return 0;
}
