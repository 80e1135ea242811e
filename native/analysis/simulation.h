// SPDX-License-Identifier: MIT
// The loop that drives one replacement policy over a page stream. It is instantiated for each policy
// class, so that a hit costs a look at the page's frame and what the policy stores, and no virtual call.
#pragma once

#include <algorithm>
#include <optional>

#include "analysis/page_stream.h"
#include "analysis/residency.h"
#include "analysis/simulate.h"
#include "analysis/stream_future.h"
#include "policy/replacement/adapter.h"

namespace pw::analysis {

template <class Policy>
inline constexpr bool kNeedsFuture = Policy::info.knowledge == policy::Knowledge::Future;

template <class Policy>
class Simulation {
 public:
  // `make` gives the policy for a context. REQUIRES: 1 <= limit < 2^31; the stream outlives this.
  template <class Make>
  Simulation(const PageStream& stream, std::uint64_t limit, Rng& rng, Make make)
      : stream_(stream),
        limit_(limit),
        residency_(stream, frames()),
        future_(make_future()),
        policy_(make(policy::PolicyContext{.frames = frames(),
                                           .capacity = limit,
                                           .rng = &rng,
                                           .dirty_bits = &residency_,
                                           .future = future_ ? &*future_ : nullptr})) {}

  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // The counts mean nothing if the watch ended it early.
  Outcome run(const Watch& watch) {
    const std::size_t runs = stream_.runs().size();
    for (std::size_t from = 0; from < runs && !watch.is_aborted();) {
      const std::uint64_t before = now_;
      const std::size_t to = std::min(runs, from + kSlice);
      serve_slice(from, to);
      watch.add(now_ - before);
      from = to;
    }
    outcome_.requests = stream_.references();
    outcome_.mean_resident =
        outcome_.requests == 0 ? 0
                               : static_cast<double>(resident_sum_) / static_cast<double>(outcome_.requests);
    return outcome_;
  }

 private:
  static constexpr std::uint32_t kCachedPages = 8192;  // their places fit first-level caches
  static constexpr std::size_t kAhead = 16;            // runs
  static constexpr std::size_t kSlice = 1 << 16;       // runs between two looks at the watch

  std::uint64_t frames() const { return std::min<std::uint64_t>(limit_, stream_.pages()); }
  std::optional<StreamFuture> make_future() const {
    if constexpr (kNeedsFuture<Policy>)
      return std::optional<StreamFuture>(std::in_place, stream_, residency_);
    return std::nullopt;
  }

  void serve_slice(std::size_t from, std::size_t to) {
    const std::span<const PageRun> runs = stream_.runs();
    const bool looks_ahead = stream_.pages() > kCachedPages;
    for (std::size_t i = from; i < to; ++i) {
      if (looks_ahead && i + kAhead < runs.size()) residency_.prefetch(runs[i + kAhead].page);
      if constexpr (kNeedsFuture<Policy>) future_->set_now(i);
      serve(runs[i]);
    }
  }
  PW_ALWAYS_INLINE void serve(PageRun run) {
    if constexpr (policy::GivesUpPages<Policy>) give_up(now_ + 1);
    std::uint32_t& place = residency_.place(run.page);
    if (place != Residency::kNowhere) [[likely]] {
      place |= run.stores();
      now_ += run.count();
      use(FrameIndex(place >> 1), run.count());
    } else {
      miss(run);
    }
  }
  PW_ALWAYS_INLINE void use(FrameIndex frame, std::uint32_t count) {
    if constexpr (policy::ObservesRuns<Policy>) policy_.on_access(frame, count);
    if constexpr (policy::ObservesLastUse<Policy>) policy_.on_last_use(frame, now_);
  }

  PW_NOINLINE void miss(PageRun run) {
    ++outcome_.misses;
    ++now_;
    const VirtPage page(stream_.page_number(run.page));
    if constexpr (policy::ExpectsFaults<Policy>) policy_.on_fault(page, now_);
    if constexpr (policy::GivesUpPages<Policy>) give_up(now_);
    if (residency_.size() == limit_) evict();
    const FrameIndex frame = residency_.load(run.page, run.stores());
    outcome_.peak_resident = std::max(outcome_.peak_resident, residency_.size());
    resident_sum_ += references_left();
    policy_.on_insert({page, frame, now_}, policy::Arrival::Fault);
    if (run.count() == 1) return;
    now_ += run.count() - 1;
    use(frame, run.count() - 1);
  }
  void give_up(std::uint64_t time) {
    while (residency_.size() > 0 && policy_.gives_up(time)) evict();
  }
  void evict() {
    const FrameIndex victim = policy_.choose_victim();
    const VirtPage page = residency_.page_in(victim);
    policy_.on_remove({page, victim, now_}, policy::Departure::Evicted);
    outcome_.writebacks += residency_.drop(victim);
    ++outcome_.evictions;
    resident_sum_ -= references_left();
  }
  // This one included.
  std::uint64_t references_left() const { return stream_.references() - now_ + 1; }

  const PageStream& stream_;
  std::uint64_t limit_;
  Residency residency_;
  std::optional<StreamFuture> future_;
  Policy policy_;
  std::uint64_t now_ = 0;           // references served, the present one included
  std::uint64_t resident_sum_ = 0;  // resident pages, summed over references
  Outcome outcome_;
};

}  // namespace pw::analysis
