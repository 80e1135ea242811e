// SPDX-License-Identifier: MIT
#include "analysis/page_stream.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace pw::analysis {
namespace {

// References whose runs are found together, as bits of one word.
constexpr std::size_t kBlock = 64;
constexpr std::uint32_t kMostInRun = ~std::uint32_t{0} >> 1;

// Of a block: is a reference to another page than the one before it, and is it a store?
struct BlockBits {
  std::uint64_t starts = 0;
  std::uint64_t stores = 0;
};

PW_ALWAYS_INLINE std::uint64_t is_another(PageReference a, PageReference b) { return (a ^ b) << 1 != 0; }

// A full block: shifts by constants, nothing depends on the turn before.
template <std::size_t... kPlace>
PW_ALWAYS_INLINE BlockBits bits_of_full(const PageReference* references, std::index_sequence<kPlace...>) {
  return {(1 | ... | (is_another(references[kPlace + 1], references[kPlace]) << (kPlace + 1))),
          ((references[63] & kStoreBit) | ... | (references[kPlace] >> 63 << kPlace))};
}

BlockBits bits_of(std::span<const PageReference> references) {
  if (references.size() == kBlock)
    return bits_of_full(references.data(), std::make_index_sequence<kBlock - 1>{});
  BlockBits bits{1, references[0] >> 63};
  for (std::size_t i = 1; i < references.size(); ++i) {
    bits.starts |= is_another(references[i], references[i - 1]) << i;
    bits.stores |= references[i] >> 63 << i;
  }
  return bits;
}

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

// Finds the runs first, so that their hash slots are on the way before they are needed.
void PageStream::add_block(std::span<const PageReference> references) {
  auto [starts, stores] = bits_of(references);
  const auto size = static_cast<std::size_t>(std::popcount(starts));
  std::array<std::uint64_t, kBlock> pages;
  std::array<std::uint32_t, kBlock> counts;
  for (std::size_t i = 0; i < size; ++i) {
    const auto begin = static_cast<unsigned>(std::countr_zero(starts));
    starts &= starts - 1;
    const auto next =
        std::min(static_cast<unsigned>(std::countr_zero(starts)), static_cast<unsigned>(references.size()));
    const bool has_store = stores >> begin << (kBlock - (next - begin)) != 0;
    pages[i] = references[begin] & ~kStoreBit;
    counts[i] = (next - begin) << 1 | std::uint32_t{has_store};
  }
  numbering_.prefetch({pages.data(), size});
  const PageRun first{numbering_.number_of(pages[0]), counts[0]};
  PageRun* to = runs_.end();
  if (!extend_last(first)) *to++ = first;
  for (std::size_t i = 1; i < size; ++i) *to++ = {numbering_.number_of(pages[i]), counts[i]};
  runs_.set_end(to);
}

// A run that began in the block before this one; whether its count still fits.
bool PageStream::extend_last(PageRun run) {
  if (runs_.size() == 0 || runs_.end()[-1].page != run.page) return false;
  PageRun& last = runs_.end()[-1];
  if (last.count() > kMostInRun - kBlock) return false;
  last.count_and_stores = (last.count() + run.count()) << 1 | last.stores() | run.stores();
  return true;
}

void RunArray::reserve_more(std::size_t runs) {
  if (size_ + runs <= runs_.size()) return;
  LazyArray<PageRun> larger(std::max(size_ + runs, 2 * runs_.size()));
  advise_huge_pages(larger.data(), larger.size() * sizeof(PageRun));
  if (size_ > 0) std::memcpy(larger.data(), runs_.data(), size_ * sizeof(PageRun));
  runs_ = std::move(larger);
}

}  // namespace pw::analysis
