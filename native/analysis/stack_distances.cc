// SPDX-License-Identifier: MIT
#include "analysis/stack_distances.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "analysis/opt_distances.h"
#include "analysis/recency_ranks.h"

namespace pw::analysis {
namespace {

constexpr std::size_t kSlice = 1 << 16;   // runs between two looks at the watch
constexpr std::size_t kPageAhead = 32;    // runs before a page's last time is needed
constexpr std::size_t kPlaceAhead = 16;   // and what lies there
constexpr std::uint32_t kCached = 16384;  // pages whose records fit nearby caches

// Counts of distances, the far ones put off until their place in memory has come.
class DistanceCounts {
 public:
  explicit DistanceCounts(std::uint32_t pages) : counts_(pages) {}
  void add(std::uint64_t distance) {
    if (distance < kNear) {
      ++counts_[distance];
      return;
    }
    PW_PREFETCH(&counts_[distance]);
    std::uint64_t& due = waiting_[next_++ % kWaiting];
    if (due != kNone) ++counts_[due];
    due = distance;
  }
  LargeVector<std::uint64_t> take() {
    for (std::uint64_t& due : waiting_)
      if (due != kNone) ++counts_[std::exchange(due, kNone)];
    return std::move(counts_);
  }
  void add_many(std::uint64_t distance, std::uint64_t count) { counts_[distance] += count; }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  static constexpr std::uint64_t kNear = 4096;
  static constexpr std::size_t kWaiting = 16;
  static constexpr std::array<std::uint64_t, kWaiting> kAllNone = [] {
    std::array<std::uint64_t, kWaiting> all{};
    all.fill(kNone);
    return all;
  }();
  LargeVector<std::uint64_t> counts_;
  std::array<std::uint64_t, kWaiting> waiting_ = kAllNone;
  std::size_t next_ = 0;
};

struct Slice {
  std::span<const PageRun> runs;  // of the whole stream
  std::size_t from = 0, to = 0;
  bool is_cached = false;  // what is known of all pages
};

// Uses the pages of a slice and returns how many references that were. `Stack` tells the distance of each use.
template <class Stack>
PW_ALWAYS_INLINE std::uint64_t use_pages(const Slice& slice, Stack& stack, DistanceCounts& counts) {
  const std::span<const PageRun> runs = slice.runs;
  std::uint64_t references = 0;
  for (std::size_t i = slice.from; i < slice.to; ++i) {
    if (!slice.is_cached && i + kPageAhead < runs.size()) {
      stack.prefetch_page(runs[i + kPageAhead].page);
      stack.prefetch_place(runs[i + kPlaceAhead].page);
    }
    const std::uint64_t distance = stack.use(runs[i].page);
    if (distance != Stack::kNever) counts.add(distance);
    references += runs[i].count();
  }
  return references;
}

template <class Stack>
using UsePages = std::uint64_t (*)(const Slice&, Stack&, DistanceCounts&);

#ifdef PW_HAS_AVX2
PW_TARGET_AVX2 std::uint64_t use_pages_avx2(const Slice& slice, RecencyRanks& ranks, DistanceCounts& counts) {
  return use_pages(slice, ranks, counts);
}
#endif

// What updates the ranks with the widest vectors there are.
UsePages<RecencyRanks> use_pages_with([[maybe_unused]] VectorUnit unit) {
#ifdef PW_HAS_AVX2
  if (unit == VectorUnit::Avx2 || unit == VectorUnit::Avx512) return use_pages_avx2;
#endif
  return use_pages;
}

template <class Stack>
Result<StackDistances> distances_in(const PageStream& stream, const Watch& watch, UsePages<Stack> use) {
  if (stream.pages() >= std::uint32_t{1} << 30)
    return Error{ErrorCode::OutOfRange, "the curve: expected fewer than 2^30 pages in the stream, got " +
                                            std::to_string(stream.pages())};
  Stack stack(stream.pages(), stream.numbers());
  DistanceCounts counts(stream.pages());
  Slice slice{.runs = stream.runs(), .is_cached = stream.pages() <= kCached};
  std::uint64_t repeats = 0;  // of the page of the reference before
  for (; slice.to < slice.runs.size(); slice.from = slice.to) {
    if (watch.is_aborted()) return Error{ErrorCode::Aborted, "the curve was aborted"};
    slice.to = std::min(slice.runs.size(), slice.from + kSlice);
    const std::uint64_t references = use(slice, stack, counts);
    repeats += references - (slice.to - slice.from);
    watch.add(references);
  }
  if (repeats > 0) counts.add_many(0, repeats);
  return StackDistances{counts.take(), stream.pages(), stream.references()};
}

}  // namespace

std::vector<std::uint64_t> StackDistances::misses() const {
  std::vector<std::uint64_t> misses{references};
  misses.reserve(count.size() + 1);
  for (const std::uint64_t hits : count) misses.push_back(misses.back() - hits);
  return misses;
}

Result<StackDistances> lru_distances(const PageStream& stream, const Watch& watch, VectorUnit unit) {
  return distances_in<RecencyRanks>(stream, watch, use_pages_with(unit));
}

Result<StackDistances> opt_distances(const PageStream& stream, const Watch& watch) {
  return distances_in<OptDistances>(stream, watch, use_pages);
}

}  // namespace pw::analysis
