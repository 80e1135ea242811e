// SPDX-License-Identifier: MIT
// What page faults and memory calls cost in host time, over sizes of memory and numbers of VMAs.
//
//   bench_spaces [rounds=N]
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

template <class Measure>
double median_of(unsigned rounds, Measure measure) {
  std::vector<double> values;
  for (unsigned i = 0; i < rounds; ++i) values.push_back(measure());
  return bench::median(values);
}

}  // namespace

int main(int count, char** arguments) {
  unsigned rounds = 5;
  for (int i = 1; i < count; ++i)
    if (const std::string text = arguments[i]; text.starts_with("rounds="))
      rounds = static_cast<unsigned>(std::stoul(text.substr(7)));
  struct Size {
    const char* name;
    std::uint64_t bytes;
  };
  for (const Size size : {Size{"64 MiB", 64ull << 20}, Size{"1 GiB", 1ull << 30}, Size{"64 GiB", 64ull << 30},
                          Size{"1 TiB", 1ull << 40}})
    std::printf("minor fault, %s of memory: %.0f ns\n", size.name,
                median_of(rounds, [&] { return minor_fault(size.bytes); }));
  std::printf("minor fault, the chain of handlers alone: %.0f ns\n", median_of(rounds, minor_fault_chain));
  for (const std::uint64_t vmas : {1ull, 10'000ull, 100'000ull})
    std::printf("minor fault among %llu VMAs: %.0f ns\n", static_cast<unsigned long long>(vmas),
                median_of(rounds, [&] { return minor_fault_among(vmas); }));
  std::printf("major fault with an eviction: %.0f ns\n", median_of(rounds, major_fault));
  for (const std::uint64_t vmas : {1ull, 1000ull, 100'000ull})
    std::printf("mmap and munmap of one page beside %llu VMAs: %.0f ns a pair\n",
                static_cast<unsigned long long>(vmas),
                median_of(rounds, [&] { return map_and_unmap(vmas); }));
  std::vector<double> forks;
  std::vector<double> exits;
  for (unsigned i = 0; i < rounds; ++i) {
    const ForkCost cost = fork_and_exit();
    forks.push_back(cost.fork_ms);
    exits.push_back(cost.exit_ms);
  }
  std::printf("fork of 1 GiB: %.1f ms\nexit of 1 GiB: %.1f ms\n", bench::median(forks), bench::median(exits));
  return 0;
}
