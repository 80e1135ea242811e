// SPDX-License-Identifier: MIT
// The numbers of frames that a miss-ratio curve is given at.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/comparison.h"

namespace pw::analysis {

// Usual: every size where one pass gives them all, kUsualPoints of them where each is a simulation.
enum class SizeRule : std::uint8_t { Usual, Every, Points, Listed };

struct CurveSizes {
  SizeRule rule = SizeRule::Usual;
  std::uint64_t points = 0;          // of Points: evenly spaced on a logarithmic scale, from 1 to all pages
  std::vector<FrameRequest> listed;  // of Listed
};

inline constexpr std::uint64_t kUsualPoints = 50;

enum class SizeCost : std::uint8_t { Free, Simulation };

// Ascending, each once; those of Every begin with 0. REQUIRES: pages > 0.
std::vector<std::uint64_t> sizes_of(const CurveSizes& asked, std::uint64_t pages, SizeCost cost);

}  // namespace pw::analysis
