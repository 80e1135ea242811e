// SPDX-License-Identifier: MIT
#include "analysis/reuse.h"

#include <string>

#include "analysis/bins.h"
#include "analysis/stack_distances.h"
#include "base/huge_page_allocator.h"

namespace pw::analysis {
namespace {

constexpr std::size_t kSlice = 1 << 16;  // runs between two looks at the watch
constexpr std::size_t kAhead = 32;       // runs
constexpr std::uint64_t kMostBins = 64;

// How many numbers fell into each range, and their sum.
class Tally {
 public:
  explicit Tally(Bins bins) : bins_(std::move(bins)), count_(bins_.size() + 1), sum_(bins_.size() + 1) {}

  void add(std::uint64_t number, std::uint64_t times = 1) {
    const std::size_t bin = bins_.index_of(number);
    count_[bin] += times;
    sum_[bin] += number * times;
  }
  const Bins& bins() const { return bins_; }
  // The last range is of what lies behind all others.
  const std::vector<std::uint64_t>& count() const { return count_; }
  const std::vector<std::uint64_t>& sum() const { return sum_; }

 private:
  Bins bins_;
  std::vector<std::uint64_t> count_, sum_;
};

Histogram histogram_of(const Tally& tally, std::uint64_t least) {
  Histogram histogram;
  std::size_t size = tally.bins().size();
  while (size > 0 && tally.count()[size - 1] == 0) --size;
  for (std::size_t bin = 0; bin < size; ++bin) {
    histogram.first.push_back(std::max(least, tally.bins().first(bin)));
    histogram.last.push_back(tally.bins().last(bin));
    histogram.count.push_back(tally.count()[bin]);
  }
  return histogram;
}

std::vector<std::uint64_t> windows_of(const ReuseRequest& request, std::uint64_t references) {
  if (!request.windows.empty()) return request.windows;
  const Bins bins = Bins::logarithmic(references, request.bins_per_power, false);
  std::vector<std::uint64_t> windows;
  for (std::size_t bin = 0; bin < bins.size(); ++bin)
    if (const std::uint64_t first = std::max<std::uint64_t>(1, bins.first(bin)); first < references)
      windows.push_back(first);
  windows.push_back(references);
  return windows;
}

// The times between uses, and from the last use of each page to the end.
struct Times {
  Tally histogram;
  Tally used_again;  // by window
  Tally left;        // by window
};

// A reference keeps its page in the window until the page's next use, or for the length of the window, or until the
// stream ends, whichever comes first.
WorkingSets working_sets_of(const Times& times, const PageStream& stream,
                            std::vector<std::uint64_t> windows) {
  WorkingSets sets{.windows = std::move(windows), .mean_pages = {}, .misses = {}};
  std::uint64_t within = 0, longer = stream.references(), misses = stream.references();
  for (std::size_t i = 0; i < sets.windows.size(); ++i) {
    within += times.used_again.sum()[i] + times.left.sum()[i];
    longer -= times.used_again.count()[i] + times.left.count()[i];
    misses -= times.used_again.count()[i];
    const double pages =
        static_cast<double>(within) + static_cast<double>(longer) * static_cast<double>(sets.windows[i]);
    sets.mean_pages.push_back(pages / static_cast<double>(stream.references()));
    sets.misses.push_back(misses);
  }
  return sets;
}

Status tally_times(Times& times, const PageStream& stream, const Watch& watch) {
  const std::span<const PageRun> runs = stream.runs();
  LargeVector<std::uint64_t> last_use(stream.numbers());  // counted from 1
  std::uint64_t now = 0, repeats = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i % kSlice == 0 && watch.is_aborted())
      return Error{ErrorCode::Aborted, "the reuse histograms were aborted"};
    if (i + kAhead < runs.size()) PW_PREFETCH(&last_use[runs[i + kAhead].page]);
    std::uint64_t& last = last_use[runs[i].page];
    if (last != 0) {
      times.histogram.add(now + 1 - last);
      times.used_again.add(now + 1 - last);
    }
    now += runs[i].count();
    repeats += runs[i].count() - 1;
    last = now;
    watch.add(runs[i].count());
  }
  if (repeats > 0) {
    times.histogram.add(1, repeats);
    times.used_again.add(1, repeats);
  }
  for (const std::uint64_t last : last_use)
    if (last != 0) times.left.add(now + 1 - last);
  return Done{};
}

}  // namespace

Status check_reuse(const ReuseRequest& request) {
  if (request.bins_per_power < 1 || request.bins_per_power > kMostBins)
    return Error{ErrorCode::OutOfRange, "bins: expected 1 to " + std::to_string(kMostBins) +
                                            " for each power of two, got " +
                                            std::to_string(request.bins_per_power)};
  std::uint64_t before = 0;
  for (const std::uint64_t window : request.windows) {
    if (window <= before)
      return Error{ErrorCode::OutOfRange, "windows: expected lengths from 1 up in ascending order, got " +
                                              std::to_string(window) +
                                              (before > 0 ? " behind " + std::to_string(before) : "")};
    before = window;
  }
  return Done{};
}

Result<Reuse> reuse_of(const PageStream& stream, const ReuseRequest& request, const Watch& watch) {
  PW_TRY(check_reuse(request));
  if (stream.references() == 0)
    return Error{ErrorCode::TraceEmpty,
                 "the reuse histograms: expected references, but the trace has none of those selected"};
  const std::uint64_t references = stream.references();
  const std::vector<std::uint64_t> windows = windows_of(request, references);
  Times times{.histogram = Tally(Bins::logarithmic(references, request.bins_per_power, false)),
              .used_again = Tally(Bins(windows)),
              .left = Tally(Bins(windows))};
  PW_TRY(tally_times(times, stream, watch));
  PW_TRY_ASSIGN(const StackDistances found, lru_distances(stream, watch));
  Tally distances(Bins::logarithmic(stream.pages(), request.bins_per_power, true));
  for (std::size_t distance = 0; distance < found.count.size(); ++distance)
    if (found.count[distance] > 0) distances.add(distance, found.count[distance]);
  return Reuse{.references = references,
               .first_uses = stream.pages(),
               .times = histogram_of(times.histogram, 1),
               .distances = histogram_of(distances, 0),
               .working_sets = working_sets_of(times, stream, windows)};
}

}  // namespace pw::analysis
