// SPDX-License-Identifier: MIT
// The one place that turns a configuration into a machine.
#include "machine/core/core.h"

namespace pw::machine {
namespace {

std::unique_ptr<Machine> make_core(const Config& config) {
  switch (config.tlb.way_choice) {
    case tlb::WayChoice::Fifo: return std::make_unique<Core<tlb::FifoWays>>(config);
    case tlb::WayChoice::TreePlru: return std::make_unique<Core<tlb::TreePlruWays>>(config);
    case tlb::WayChoice::Random: return std::make_unique<Core<tlb::RandomWays>>(config);
    case tlb::WayChoice::Srrip: return std::make_unique<Core<tlb::SrripWays>>(config);
    case tlb::WayChoice::Lru: break;
  }
  return std::make_unique<Core<tlb::LruWays>>(config);
}

}  // namespace

std::variant<std::unique_ptr<Machine>, std::vector<Error>> Machine::boot(const Config& config) {
  std::vector<Error> violations = check(config);
  if (!violations.empty()) return violations;
  return make_core(config);
}

}  // namespace pw::machine
