// SPDX-License-Identifier: MIT
// Walks of random addresses over a mapped region, as a ratio to the bare 4-level radix loop on the same
// addresses in the same run: the walker alone with 4 and 5 levels, and a machine whose TLBs miss nearly always
// ("random updates", every page resident), beside bare TLBs that touch the memory which such a machine
// needs.
//
//   bench_walk [gib=64] [walks=N] [passes=N]
#include <cstring>
#include <variant>

#include "base/huge_page_allocator.h"
#include "limit_loops.h"
#include "machine/machine.h"
#include "paging/mapper.h"
#include "paging/walker.h"
#include "phys/bitmap_allocator.h"
#include "words.h"

using namespace pw;

namespace {

std::uint64_t option(int count, char** arguments, const char* name, std::uint64_t otherwise) {
  const std::size_t length = std::strlen(name);
  for (int i = 1; i < count; ++i)
    if (std::strncmp(arguments[i], name, length) == 0) return std::stoull(arguments[i] + length);
  return otherwise;
}

// Tables of the simulator for addresses below `bytes`, each page mapped to the frame of its own number.
struct MappedRegion {
  MappedRegion(std::uint64_t bytes, unsigned levels)
      : memory(2 * bytes),
        frames(memory.frames()),
        allocator(phys::MemoryMap::flat(memory.size())),
        mapper(memory, allocator, frames, levels),
        walker(memory, control(levels)),
        start(paging::WalkStart::root(mapper.root(), levels)) {
    for (std::uint64_t address = 0; address < bytes; address += kFrameBytes)
      if (!mapper.map(VirtAddr(address), PhysAddr(address), PageSize::Size4KiB, {}).ok())
        bench::fail("cannot map");
  }
  static paging::Control control(unsigned levels) {
    paging::Control control;
    control.levels = levels;
    return control;
  }

  phys::PhysicalMemory memory;
  phys::FrameTable frames;
  phys::BitmapAllocator allocator;
  paging::Mapper mapper;
  paging::Walker walker;
  paging::WalkStart start;
};

double walk_seconds(const MappedRegion& region, const std::vector<std::uint64_t>& addresses) {
  const double start = bench::cpu_seconds();
  std::uint64_t sum = 0;
  for (const std::uint64_t address : addresses) {
    const auto walk = region.walker.walk(region.start, VirtAddr(address), {});
    sum += walk.page.bits();
  }
  const double seconds = bench::cpu_seconds() - start;
  if (sum == 1) bench::fail("no walk ends so");
  return seconds;
}

double bare_seconds(const bench::RadixTree& tree, const std::vector<std::uint64_t>& addresses) {
  const double start = bench::cpu_seconds();
  std::uint64_t sum = 0;
  for (const std::uint64_t address : addresses) sum += tree.walk(address);
  const double seconds = bench::cpu_seconds() - start;
  if (sum == 1) bench::fail("no walk ends so");
  return seconds;
}

double leaf_and_use_seconds(const std::vector<std::uint64_t>& addresses, LargeVector<std::uint64_t>& leaves,
                            LargeVector<std::uint64_t>& uses) {
  bench::LeafAndUse updates(addresses, leaves, uses);
  const double start = bench::cpu_seconds();
  const auto misses = bench::two_level(addresses, updates);
  const double seconds = bench::cpu_seconds() - start;
  if (updates.frames() != misses.first) bench::fail("each leaf names frame 1");
  return seconds;
}

std::unique_ptr<machine::Machine> boot(std::uint64_t bytes) {
  const machine::Preset& preset = *machine::find_preset("intel-skylake-sp");
  machine::Config config;
  config.tlb = preset.hierarchy();
  config.structure_caches = preset.structure_caches;
  config.memory_bytes = 2 * bytes;
  auto booted = machine::Machine::boot(config);
  if (auto* errors = std::get_if<1>(&booted)) bench::fail(errors->front().message);
  return std::move(std::get<0>(booted));
}

void replay(machine::Machine& machine, const std::vector<PackedAccess>& words) {
  if (machine.replay(words).stop != machine::Stop::End) bench::fail(machine.error().message);
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t bytes = option(count, arguments, "gib=", 64) << 30;
  const std::uint64_t walks = option(count, arguments, "walks=", 4'000'000);
  const std::uint64_t passes = option(count, arguments, "passes=", 5);
  Rng rng(1);
  std::vector<std::uint64_t> addresses(walks);
  for (auto& address : addresses) address = rng.below(bytes / 8) * 8;

  const bench::RadixTree tree(bytes);
  const MappedRegion four(bytes, 4), five(bytes, 5);
  const auto machine = boot(bytes);
  std::vector<PackedAccess> words;
  for (std::uint64_t address = 0; address < bytes; address += kFrameBytes)
    words.push_back(pack(VirtAddr(address), AccessKind::Store));
  replay(*machine, words);
  words.clear();
  for (const std::uint64_t address : addresses) words.push_back(pack(VirtAddr(address), AccessKind::Store));

  LargeVector<std::uint64_t> leaves(bytes / kFrameBytes, kFrameBytes), uses(bytes / kFrameBytes, 1);
  std::vector<double> bare, by_four, by_five, with_memory, updates;
  const std::uint64_t before = machine->stats().walks.total;
  for (std::uint64_t pass = 0; pass <= passes; ++pass) {
    const double times[] = {bare_seconds(tree, addresses), walk_seconds(four, addresses),
                            walk_seconds(five, addresses)};
    const double start = bench::cpu_seconds();
    replay(*machine, words);
    const double update = bench::cpu_seconds() - start;
    const double leaf_and_use = leaf_and_use_seconds(addresses, leaves, uses);
    if (pass == 0) continue;  // sets Accessed bits
    bare.push_back(times[0]);
    by_four.push_back(times[1]);
    by_five.push_back(times[2]);
    updates.push_back(update);
    with_memory.push_back(leaf_and_use);
  }
  const double made = static_cast<double>(machine->stats().walks.total - before) /
                      static_cast<double>(passes + 1);  // walks a pass
  const double limit = bench::median(bare) / static_cast<double>(walks);
  const auto line = [&](const char* what, double seconds) {
    std::printf("%-42s %6.1f M walks/s, ratio %.2f\n", what, 1e-6 / seconds, limit / seconds);
  };
  line("bare radix loop, 4 levels", limit);
  line("walker, 4 levels", bench::median(by_four) / static_cast<double>(walks));
  line("walker, 5 levels", bench::median(by_five) / static_cast<double>(walks));
  line("bare TLBs, one leaf and one use a miss", bench::median(with_memory) / static_cast<double>(walks));
  line("machine, random updates, TLBs included", bench::median(updates) / made);
  return 0;
}
