// SPDX-License-Identifier: MIT
// A simulation that is fed references as they come. Nothing of the stream is kept but its pages' numbers,
// so that streams longer than memory can be simulated.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "analysis/page_numbering.h"
#include "analysis/page_run.h"
#include "analysis/simulate.h"
#include "base/rng.h"

namespace pw::analysis {

class AnySimulation;

class LiveSimulation {
 public:
  // `options.frames` bounds policies of variable allocation too; `options.watch` is not looked at.
  // Errors: OutOfRange for frames; InvalidArgument if the policy needs the future.
  static Result<std::unique_ptr<LiveSimulation>> start(const policy::ParsedPolicy& policy,
                                                       const SimulationOptions& options);
  ~LiveSimulation();

  // REQUIRES: fewer than 2^32 - 1 distinct pages in all.
  void feed(std::span<const PageReference> references);
  // Of all references so far.
  Outcome outcome() const;
  std::uint32_t pages() const { return numbering_.pages(); }

 private:
  static constexpr std::size_t kBlock = PageNumbering::kPrefetch;

  LiveSimulation(const policy::ParsedPolicy& policy, const SimulationOptions& options);

  PageNumbering numbering_;
  Rng rng_;
  std::unique_ptr<AnySimulation> simulation_;
  std::array<PageRun, kBlock> runs_;
};

}  // namespace pw::analysis
