// SPDX-License-Identifier: MIT
// The one place that turns a configuration into a machine, and what the steps on the way say of themselves.
#include <utility>

#include "base/hex.h"
#include "machine/core/core.h"

namespace pw::machine {
namespace {

std::unique_ptr<Machine> make_core(const Config& config, BootSequence& boot) {
  if (config.tlb.way_choice != tlb::WayChoice::Lru)
    return std::make_unique<Core<tlb::OtherWays>>(config, boot);
  return std::make_unique<Core<tlb::LruWays>>(config, boot);
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

}  // namespace

std::string describe_root(const paging::Mapper& mapper) {
  return std::to_string(mapper.levels()) + " levels, root at " + hex(mapper.root().value());
}

std::string describe_processor(const Config& config) {
  const tlb::StructureCacheConfig& caches = config.structure_caches;
  return config.cpu + ": " + counted(config.tlb.tlbs.size(), "TLB", "TLBs") + ", " +
         std::to_string(caches.pml4e + caches.pdpte + caches.pde) + " entries of paging-structure caches";
}

std::string describe_paging(const Config& config, std::uint64_t capacity) {
  return "pages of " + std::string(name_of(config.page_size)) + ", at most " + std::to_string(capacity) +
         " resident";
}

void require_page(const BootSequence& boot, const phys::MemoryMap& map, PageSize size) {
  if (map.has_run(order_of(size))) return;
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
