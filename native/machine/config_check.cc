// SPDX-License-Identifier: MIT
// All rules of a configuration, across its fields.
#include <iterator>
#include <string>

#include "machine/config.h"
#include "policy/replacement/registry.h"

namespace pw::machine {
namespace {

// Policies index frames with 32 bits.
constexpr std::uint64_t kMaxMemoryBytes = 1ull << 43;

constexpr std::uint64_t kMaxNumber = (1ull << 32) - 1;

constexpr NumberOption<Config> kOptions[] = {
    {"memory", kFrameBytes, kMaxMemoryBytes, "bytes", [](const Config& c) { return c.memory_bytes; }},
    {"residentLimit", 0, kMaxMemoryBytes / kFrameBytes, "pages",
     [](const Config& c) { return c.resident_limit; }},
    {"levels", 4, 5, "", [](const Config& c) -> std::uint64_t { return c.levels; }},
    {"validateEvery", 0, kMaxNumber, "faults", [](const Config& c) { return c.validate_every; }},
};

constexpr NumberOption<CostTable> kCosts[] = {
    {"cost.l1Hit", 0, kMaxNumber, "cycles", [](const CostTable& c) -> std::uint64_t { return c.l1_hit; }},
    {"cost.l2Hit", 0, kMaxNumber, "cycles", [](const CostTable& c) -> std::uint64_t { return c.l2_hit; }},
    {"cost.walkReference", 0, kMaxNumber, "cycles",
     [](const CostTable& c) -> std::uint64_t { return c.walk_reference; }},
    {"cost.minorFault", 0, kMaxNumber, "cycles",
     [](const CostTable& c) -> std::uint64_t { return c.minor_fault; }},
    {"cost.majorFault", 0, kMaxNumber, "cycles",
     [](const CostTable& c) -> std::uint64_t { return c.major_fault; }},
    {"cost.invalidation", 0, kMaxNumber, "cycles",
     [](const CostTable& c) -> std::uint64_t { return c.invalidation; }},
};

void check_memory(const Config& config, std::vector<Error>& errors) {
  std::vector<Error> found = phys::check_memory(config.memory_bytes, config.memory_map, kMaxMemoryBytes);
  errors.insert(errors.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  if (!found.empty()) return;
  const auto map = phys::MemoryMap::of(config.memory_bytes, config.memory_map);
  if (const std::uint64_t bytes = map.usable_frames() << kFrameShift; bytes < bytes_of(config.page_size))
    errors.push_back({ErrorCode::InvalidConfig, "memory: expected room for one page of " +
                                                    std::string(name_of(config.page_size)) + ", got " +
                                                    std::to_string(bytes) + " bytes"});
}

}  // namespace

std::vector<Error> check(const Config& config) {
  std::vector<Error> errors = tlb::check(config.tlb);
  std::vector<Error> caches = tlb::check(config.structure_caches);
  errors.insert(errors.end(), std::make_move_iterator(caches.begin()), std::make_move_iterator(caches.end()));
  check_memory(config, errors);
  check_numbers(number_options().subspan(1), config, errors);  // memory may be a map instead
  if (!config.make_policy)
    if (const Status policy = policy::check_policy(config.policy); !policy.ok())
      errors.push_back(policy.error());
  return errors;
}

std::span<const NumberOption<Config>> number_options() { return kOptions; }

std::span<const NumberOption<CostTable>> cost_options() { return kCosts; }

}  // namespace pw::machine
