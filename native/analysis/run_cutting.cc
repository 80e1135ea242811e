// SPDX-License-Identifier: MIT
#include "analysis/run_cutting.h"

#include <algorithm>

namespace pw::analysis {
namespace {

constexpr std::size_t kBlock = PageNumbering::kPrefetch;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::uint32_t kMostInRun = ~std::uint32_t{0} >> 1;

// Each reference writes the run that it begins or goes on with: no branch, and no load that waits for the
// store before it.
std::size_t cut_block(std::span<const PageReference> references, PageNumbering& numbering, PageRun* runs,
                      std::size_t size) {
  PageRun run = size == 0 ? PageRun{} : runs[size - 1];
  std::uint64_t last_page = size == 0 ? kNoPage : numbering.page(run.page);
  if (run.count() > kMostInRun - kBlock) last_page = kNoPage;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::uint64_t page = references[i] & ~kStoreBit;
    const bool is_new = page != last_page;
    last_page = page;
    run.page = numbering.number_of(page);
    run.count_and_stores = (is_new ? 0 : run.count_and_stores) + 2;
    run.count_and_stores |= static_cast<std::uint32_t>(references[i] >> 63);
    size += is_new;
    runs[size - 1] = run;
  }
  return size;
}

}  // namespace

std::size_t cut_runs(std::span<const PageReference> references, PageNumbering& numbering, PageRun* runs,
                     std::size_t size) {
  numbering.prefetch(references.first(std::min(references.size(), kBlock)));
  while (!references.empty()) {
    const auto block = references.first(std::min(references.size(), kBlock));
    references = references.subspan(block.size());
    numbering.prefetch(references.first(std::min(references.size(), kBlock)));
    size = cut_block(block, numbering, runs, size);
  }
  return size;
}

}  // namespace pw::analysis
