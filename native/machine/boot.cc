// SPDX-License-Identifier: MIT
// The one place that turns a configuration into a machine.
#include "machine/core/core.h"

namespace pw::machine {
namespace {

std::unique_ptr<Machine> make_core(const Config& config) {
  if (config.tlb.way_choice != tlb::WayChoice::Lru) return std::make_unique<Core<tlb::OtherWays>>(config);
  return std::make_unique<Core<tlb::LruWays>>(config);
}

}  // namespace

std::variant<std::unique_ptr<Machine>, std::vector<Error>> Machine::boot(const Config& config) {
  std::vector<Error> violations = check(config);
  if (!violations.empty()) return violations;
  return make_core(config);
}

}  // namespace pw::machine
