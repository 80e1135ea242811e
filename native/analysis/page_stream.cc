// SPDX-License-Identifier: MIT
#include "analysis/page_stream.h"

#include <algorithm>
#include <array>
#include <bit>

namespace pw::analysis {
namespace {

// References whose hash slots are fetched together.
constexpr std::size_t kBlock = 64;
constexpr std::uint32_t kMostInRun = ~std::uint32_t{0} >> 1;

}  // namespace

void PageStream::add(std::span<const PageReference> references) {
  references_ += references.size();
  // Room for the longest outcome; the host gives memory only to what is written.
  if (const std::size_t most = runs_.size() + references.size(); most > runs_.capacity())
    runs_.reserve(std::max(most, 2 * runs_.capacity()));
  while (!references.empty()) {
    const std::size_t size = std::min(references.size(), kBlock);
    add_block(references.first(size));
    references = references.subspan(size);
  }
}

// Finds the runs of a block first, as bits of one word, so that the number of turns is known before the
// first and hash slots are on the way before they are needed.
void PageStream::add_block(std::span<const PageReference> references) {
  std::uint64_t starts = 1, stores = 0;
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (i > 0) starts |= std::uint64_t{((references[i] ^ references[i - 1]) << 1) != 0} << i;
    stores |= references[i] >> 63 << i;
  }
  std::array<std::uint64_t, kBlock> pages;
  std::array<std::uint32_t, kBlock> counts;
  std::size_t size = 0;
  for (const auto end = static_cast<unsigned>(references.size()); starts != 0; ++size) {
    const auto begin = static_cast<unsigned>(std::countr_zero(starts));
    starts &= starts - 1;
    const unsigned next = starts == 0 ? end : static_cast<unsigned>(std::countr_zero(starts));
    const bool has_store = (stores >> begin << (kBlock - (next - begin))) != 0;
    pages[size] = references[begin] & ~kStoreBit;
    counts[size] = (next - begin) << 1 | std::uint32_t{has_store};
  }
  numbering_.prefetch({pages.data(), size});
  PageRun run{numbering_.number_of(pages[0]), counts[0]};
  if (!extend_last(run)) runs_.push_back(run);
  for (std::size_t i = 1; i < size; ++i) runs_.push_back({numbering_.number_of(pages[i]), counts[i]});
}

// A run that began in the block before this one; whether its count still fits.
bool PageStream::extend_last(PageRun run) {
  if (runs_.empty() || runs_.back().page != run.page) return false;
  PageRun& last = runs_.back();
  const std::uint32_t stores = last.stores() | run.stores();
  if (last.count() > kMostInRun - kBlock) return false;
  last.count_and_stores = (last.count() + run.count()) << 1 | stores;
  return true;
}

}  // namespace pw::analysis
