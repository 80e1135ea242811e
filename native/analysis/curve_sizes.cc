// SPDX-License-Identifier: MIT
#include "analysis/curve_sizes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pw::analysis {
namespace {

std::vector<std::uint64_t> every_size(std::uint64_t pages) {
  std::vector<std::uint64_t> sizes(pages + 1);
  std::iota(sizes.begin(), sizes.end(), 0);
  return sizes;
}

std::vector<std::uint64_t> logarithmic_sizes(std::uint64_t points, std::uint64_t pages) {
  const double all = static_cast<double>(pages);
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t i = 0; i + 1 < points; ++i) {
    const double exponent = static_cast<double>(i) / static_cast<double>(points - 1);
    sizes.push_back(static_cast<std::uint64_t>(std::llround(std::pow(all, exponent))));
  }
  sizes.push_back(pages);
  return sizes;
}

std::vector<std::uint64_t> listed_sizes(const std::vector<FrameRequest>& listed, std::uint64_t pages) {
  std::vector<std::uint64_t> sizes;
  for (const FrameRequest& request : listed) sizes.push_back(request.frames(pages));
  std::ranges::sort(sizes);
  return sizes;
}

}  // namespace

std::vector<std::uint64_t> sizes_of(const CurveSizes& asked, std::uint64_t pages, SizeCost cost) {
  if (asked.rule == SizeRule::Every || (asked.rule == SizeRule::Usual && cost == SizeCost::Free))
    return every_size(pages);
  std::vector<std::uint64_t> sizes =
      asked.rule == SizeRule::Listed
          ? listed_sizes(asked.listed, pages)
          : logarithmic_sizes(asked.rule == SizeRule::Points ? asked.points : kUsualPoints, pages);
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

}  // namespace pw::analysis
