// SPDX-License-Identifier: MIT
#include "analysis/live_simulation.h"

#include <algorithm>

#include "analysis/simulations.h"

namespace pw::analysis {

LiveSimulation::LiveSimulation(const policy::ParsedPolicy& policy, const SimulationOptions& options)
    : rng_(options.seed),
      simulation_(make_simulation(
          policy, options.observe,
          {.numbering = numbering_, .frames = options.frames, .limit = options.frames, .rng = rng_})) {}

LiveSimulation::~LiveSimulation() = default;

Result<std::unique_ptr<LiveSimulation>> LiveSimulation::start(const policy::ParsedPolicy& policy,
                                                              const SimulationOptions& options) {
  PW_TRY(check_frames(options.frames));
  PW_TRY(policy::check_live(policy));
  return std::unique_ptr<LiveSimulation>(new LiveSimulation(policy, options));
}

// A run each: to join what belongs to one page costs more than it saves where each page is looked up anyway.
void LiveSimulation::feed(std::span<const PageReference> references) {
  while (!references.empty()) {
    const std::span<const PageReference> block = references.first(std::min(references.size(), kBlock));
    numbering_.prefetch(block);
    for (std::size_t i = 0; i < block.size(); ++i)
      runs_[i] = {numbering_.number_of(block[i] & ~kStoreBit),
                  2 | static_cast<std::uint32_t>(block[i] >> 63)};
    simulation_->serve(std::span(runs_).first(block.size()));
    references = references.subspan(block.size());
  }
}

Outcome LiveSimulation::outcome() const { return simulation_->outcome(); }

}  // namespace pw::analysis
