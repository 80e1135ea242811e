// SPDX-License-Identifier: MIT
#include "analysis/page_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace pw::analysis {
namespace {

constexpr std::size_t kBlock = PageNumbering::kPrefetch;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::uint32_t kMostInRun = ~std::uint32_t{0} >> 1;

}  // namespace

void PageStream::add(std::span<const PageReference> references) {
  references_ += references.size();
  runs_.reserve_more(references.size());
  while (!references.empty()) {
    const std::size_t size = std::min(references.size(), kBlock);
    add_block(references.first(size));
    references = references.subspan(size);
  }
}

// Each reference writes the run that it begins or goes on with: no branch, and no load that waits for the
// store before it.
void PageStream::add_block(std::span<const PageReference> references) {
  std::array<std::uint64_t, kBlock> pages;
  for (std::size_t i = 0; i < references.size(); ++i) pages[i] = references[i] & ~kStoreBit;
  numbering_.prefetch({pages.data(), references.size()});
  PageRun* const runs = runs_.data();
  std::size_t size = runs_.size();
  PageRun run = size == 0 ? PageRun{} : runs[size - 1];
  std::uint64_t last_page = size == 0 ? kNoPage : page_number(run.page);
  if (run.count() > kMostInRun - kBlock) last_page = kNoPage;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const bool is_new = pages[i] != last_page;
    last_page = pages[i];
    run.page = numbering_.number_of(pages[i]);
    run.count_and_stores = (is_new ? 0 : run.count_and_stores) + 2;
    run.count_and_stores |= static_cast<std::uint32_t>(references[i] >> 63);
    size += is_new;
    runs[size - 1] = run;
  }
  runs_.set_size(size);
}

void RunArray::reserve_more(std::size_t runs) {
  if (size_ + runs <= runs_.size()) return;
  LazyArray<PageRun> larger(std::max(size_ + runs, 2 * runs_.size()));
  advise_huge_pages(larger.data(), larger.size() * sizeof(PageRun));
  if (size_ > 0) std::memcpy(larger.data(), runs_.data(), size_ * sizeof(PageRun));
  runs_ = std::move(larger);
}

}  // namespace pw::analysis
