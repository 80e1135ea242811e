// SPDX-License-Identifier: MIT
// The loop that drives one replacement policy over a page stream. It is instantiated for each policy
// class, so that a hit costs a look at the page's frame and what the policy stores, and no virtual call.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "analysis/page_stream.h"
#include "analysis/residency.h"
#include "analysis/simulate.h"
#include "analysis/stream_future.h"
#include "policy/replacement/adapter.h"

namespace pw::analysis {

template <class Policy>
inline constexpr bool kNeedsFuture = Policy::info.knowledge == policy::Knowledge::Future;

// A simulation of any policy.
class AnySimulation {
 public:
  virtual ~AnySimulation() = default;
  // Serves the runs that follow those served before. REQUIRES: their pages have numbers.
  virtual void serve(std::span<const PageRun> runs) = 0;
  virtual Outcome outcome() const = 0;
};

// What every simulation is made of besides its policy. REQUIRES: 1 <= limit < 2^31, frames <= limit; at
// most `frames` distinct pages come or `frames` is the limit; all outlives the simulation.
struct Setting {
  const PageNumbering& numbering;
  std::uint64_t frames = 0;
  std::uint64_t limit = 0;
  Rng& rng;
  const PageStream* stream = nullptr;  // all that will be served, if it is known
};

template <class Policy>
class Simulation final : public AnySimulation {
 public:
  // `make` gives the policy for a context. REQUIRES: the stream is known if the policy needs the future.
  template <class Make>
  Simulation(const Setting& setting, Make make)
      : numbering_(setting.numbering),
        limit_(setting.limit),
        residency_(setting.numbering, setting.frames),
        future_(make_future(setting.stream)),
        policy_(make(policy::PolicyContext{.frames = setting.frames,
                                           .capacity = setting.limit,
                                           .rng = &setting.rng,
                                           .dirty_bits = &residency_,
                                           .future = future_ ? &*future_ : nullptr,
                                           .page_names = &residency_})) {}

  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void serve(std::span<const PageRun> runs) override {
    residency_.welcome_new_pages();
    const bool looks_ahead = numbering_.numbers() > kCachedPages;
    std::uint64_t now = now_;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (looks_ahead) look_ahead(runs.subspan(i));
      if constexpr (kNeedsFuture<Policy>) future_->set_now(served_runs_++);
      if constexpr (policy::GivesUpPages<Policy>)
        now = serve_singly(runs[i], now);
      else
        now = serve(runs[i], now);
    }
    now_ = now;
  }
  Outcome outcome() const override {
    Outcome outcome = outcome_;
    outcome.requests = now_;
    const std::uint64_t sum = resident_sum_ + residency_.size() * (now_ - summed_);
    outcome.mean_resident = now_ == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(now_);
    return outcome;
  }

 private:
  static constexpr std::uint32_t kCachedPages = 8192;  // their places fit first-level caches
  static constexpr std::size_t kAhead = 16;            // runs

  std::optional<StreamFuture> make_future([[maybe_unused]] const PageStream* stream) const {
    if constexpr (kNeedsFuture<Policy>)
      return std::optional<StreamFuture>(std::in_place, *stream, residency_);
    return std::nullopt;
  }
  // Always inline: compilers drop calls of what only prefetches.
  PW_ALWAYS_INLINE void look_ahead(std::span<const PageRun> runs) const {
    if (runs.size() <= kAhead) return;
    residency_.prefetch(runs[kAhead].page);
    if constexpr (policy::LooksPagesUp<Policy>) policy_.prefetch(VirtPage(runs[kAhead].page));
  }
  // Pages may be given up before each reference of the run.
  PW_ALWAYS_INLINE std::uint64_t serve_singly(PageRun run, std::uint64_t now) {
    std::uint32_t left = run.count();
    do {
      if (policy_.gives_up(now + 1)) [[unlikely]]
        give_up(now + 1);
      now = serve({run.page, 2 | run.stores()}, now);
    } while (--left > 0);
    return now;
  }
  // After `now` references; gives their number with the run's. Time goes from run to run in a register: in
  // memory, each run would wait for the store of the run before.
  PW_ALWAYS_INLINE std::uint64_t serve(PageRun run, std::uint64_t now) {
    std::uint32_t& place = residency_.place(run.page);
    if (place == Residency::kNowhere) [[unlikely]] {
      now_ = now;
      miss(run);
      return now_;
    }
    if (run.stores() > (place & 1)) [[unlikely]]
      place |= 1;
    now += run.count();
    use(FrameIndex(place >> 1), run.count(), now);
    return now;
  }
  PW_ALWAYS_INLINE void use(FrameIndex frame, std::uint32_t count, std::uint64_t now) {
    if constexpr (policy::ObservesRuns<Policy>) policy_.on_access(frame, count);
    if constexpr (policy::ObservesLastUse<Policy>) policy_.on_last_use(frame, now);
  }

  PW_NOINLINE void miss(PageRun run) {
    ++outcome_.misses;
    ++now_;
    const VirtPage page(run.page);
    if constexpr (policy::ExpectsFaults<Policy>) policy_.on_fault(page, now_);
    if constexpr (policy::GivesUpPages<Policy>) give_up(now_);
    if (residency_.size() == limit_) evict(now_);
    sum_until(now_);
    const FrameIndex frame = residency_.load(run.page, run.stores());
    outcome_.peak_resident = std::max(outcome_.peak_resident, residency_.size());
    policy_.on_insert({page, frame, now_}, policy::Arrival::Fault);
    if (run.count() == 1) return;
    now_ += run.count() - 1;
    use(frame, run.count() - 1, now_);
  }
  void give_up(std::uint64_t time) {
    while (residency_.size() > 0 && policy_.gives_up(time)) evict(time);
  }
  // Before the reference of `time`.
  void evict(std::uint64_t time) {
    sum_until(time);
    const FrameIndex victim = policy_.choose_victim();
    const VirtPage page = residency_.page_in(victim);
    policy_.on_remove({page, victim, time}, policy::Departure::Evicted);
    outcome_.writebacks += residency_.drop(victim);
    ++outcome_.evictions;
  }
  // Up to the reference before that of `time`.
  void sum_until(std::uint64_t time) {
    resident_sum_ += residency_.size() * (time - 1 - summed_);
    summed_ = time - 1;
  }

  const PageNumbering& numbering_;
  std::uint64_t limit_;
  Residency residency_;
  std::optional<StreamFuture> future_;
  Policy policy_;
  std::uint64_t served_runs_ = 0;
  std::uint64_t now_ = 0;           // references served, the present one included
  std::uint64_t resident_sum_ = 0;  // resident pages, summed over references
  std::uint64_t summed_ = 0;        // up to this one
  Outcome outcome_;
};

}  // namespace pw::analysis
