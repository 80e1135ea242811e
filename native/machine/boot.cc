// SPDX-License-Identifier: MIT
// The one place that turns a configuration into a machine, and what the steps on the way say of themselves.
#include <algorithm>
#include <string>
#include <utility>

#include "base/hex.h"
#include "machine/core/core.h"

namespace pw::machine {
namespace {

std::unique_ptr<Machine> make_core(const Config& config, BootSequence& boot) {
  if (config.tlb.way_choice != tlb::WayChoice::Lru) return std::make_unique<Core<tlb::AnyWays>>(config, boot);
  return std::make_unique<Core<tlb::LruWays>>(config, boot);
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

}  // namespace

MemoryParts::MemoryParts(const Config& config, BootSequence& boot)
    : map(boot.step(
          "memory map", [&] { return phys::MemoryMap::of(config.memory_bytes, config.memory_map); },
          [this] { return map.description(); })),
      memory(boot.step(
          "physical memory", [&] { return phys::PhysicalMemory(map.bytes()); },
          [this] { return std::to_string(memory.size()) + " bytes, none written"; })),
      frames(boot.step(
          "frame table", [&] { return phys::FrameTable(map.frames()); },
          [this] { return std::to_string(frames.frames()) + " records"; })),
      allocator(boot.step(
          "frame allocator", [&] { return phys::BitmapAllocator(map); },
          [this] { return std::to_string(allocator.usable_frames()) + " frames to give out"; })),
      mapper(boot.step(
          "root table", [&] { return paging::Mapper(memory, allocator, frames, config.levels); },
          [this] {
            return std::to_string(mapper.levels()) + " levels, root at " + hex(mapper.root().value());
          })) {}

std::string describe_processor(const Config& config) {
  const tlb::StructureCacheConfig& caches = config.structure_caches;
  return config.cpu + ": " + counted(config.tlb.tlbs.size(), "TLB", "TLBs") + ", " +
         std::to_string(caches.pml4e + caches.pdpte + caches.pde) + " entries of paging-structure caches";
}

std::uint64_t resident_limit_of(const Config& config, const phys::MemoryMap& map) {
  if (map.usable_frames() == map.frames()) return config.resident_limit;
  const std::uint64_t held = map.usable_frames() >> order_of(config.page_size);
  return config.resident_limit == 0 ? held : std::min(held, config.resident_limit);
}

void begin_paging(BootSequence& boot, const Config& config, const MemoryParts& parts) {
  const PageSize size = config.page_size;
  boot.begin("demand paging", [&config, &parts] {
    const std::uint64_t held = parts.map.usable_frames() >> order_of(config.page_size);
    const std::uint64_t limit = config.resident_limit;
    return "pages of " + std::string(name_of(config.page_size)) + ", at most " +
           std::to_string(limit == 0 ? held : std::min(limit, held)) + " resident";
  });
  if (parts.map.has_run(order_of(size))) return;
  boot.fail({{ErrorCode::BootFailed, "expected a usable run of " + std::to_string(1ull << order_of(size)) +
                                         " frames for a page of " + std::string(name_of(size)) +
                                         " in the memory map, got none that is aligned"}});
}

std::variant<std::unique_ptr<Machine>, std::vector<Error>> Machine::boot(const Config& config) {
  return boot(config, BootSequence());
}

std::variant<std::unique_ptr<Machine>, std::vector<Error>> Machine::boot(const Config& config,
                                                                         BootSequence sequence) {
  std::vector<Error> violations = check(config);
  if (!violations.empty()) return violations;
  try {
    return make_core(config, sequence);
  } catch (BootFailure& failure) {
    return sequence.explain(std::move(failure.causes()));
  } catch (const std::bad_alloc&) {
    return sequence.explain_host_memory();
  }
}

}  // namespace pw::machine
