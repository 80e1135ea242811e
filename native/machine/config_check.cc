// SPDX-License-Identifier: MIT
// All rules of a configuration, across its fields.
#include <iterator>
#include <string>

#include "machine/config.h"
#include "phys/memory.h"
#include "policy/replacement/registry.h"

namespace pw::machine {
namespace {

// Policies index frames with 32 bits.
constexpr std::uint64_t kMaxMemoryBytes = 1ull << 43;

void check_memory(const Config& config, std::vector<Error>& errors) {
  if (const Status size = phys::check_memory_size(config.memory_bytes); !size.ok()) {
    errors.push_back(size.error());
  } else if (config.memory_bytes > kMaxMemoryBytes) {
    errors.push_back({ErrorCode::OutOfRange, "memory: expected at most 8 TiB for a machine, got " +
                                                 std::to_string(config.memory_bytes) + " bytes"});
  } else if (config.memory_bytes < bytes_of(config.page_size)) {
    errors.push_back({ErrorCode::InvalidConfig, "memory: expected room for one page of " +
                                                    std::string(name_of(config.page_size)) + ", got " +
                                                    std::to_string(config.memory_bytes) + " bytes"});
  }
}

}  // namespace

std::vector<Error> check(const Config& config) {
  std::vector<Error> errors = tlb::check(config.tlb);
  std::vector<Error> caches = tlb::check(config.structure_caches);
  errors.insert(errors.end(), std::make_move_iterator(caches.begin()), std::make_move_iterator(caches.end()));
  check_memory(config, errors);
  if (config.levels != 4 && config.levels != 5)
    errors.push_back(
        {ErrorCode::OutOfRange, "levels: expected 4 or 5, got " + std::to_string(config.levels)});
  if (!config.make_policy)
    if (const Status policy = policy::check_policy(config.policy); !policy.ok())
      errors.push_back(policy.error());
  return errors;
}

}  // namespace pw::machine
