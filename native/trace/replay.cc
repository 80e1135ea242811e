// SPDX-License-Identifier: MIT
#include "trace/replay.h"

#include <algorithm>

#include "base/wall_clock.h"

namespace pw::trace {

std::size_t words_of(std::span<const PackedAccess> words, std::uint64_t accesses) {
  std::size_t i = 0;
  for (std::uint64_t seen = 0; i < words.size(); ++i) {
    if (is_second_half(words[i])) continue;
    if (seen++ == accesses) break;
  }
  return i;
}

Replay::Replay(machine::Machine& machine, AccessSource& source, ReplayOptions options,
               ReplayProgress& progress)
    : machine_(machine), source_(source), options_(options), progress_(progress), before_(machine.stats()) {
  machine_.reset_peaks();
}

ReplayState Replay::run(std::optional<double> slice_seconds) {
  const auto start = WallClock::now();
  for (;;) {
    if (progress_.abort.load(std::memory_order_relaxed)) return ReplayState::Aborted;
    if (words_.empty()) {
      auto next = source_.next();
      if (!next.ok()) {
        error_ = next.error();
        return ReplayState::Failed;
      }
      words_ = next.value();
      if (words_.empty()) return ReplayState::Done;
    }
    const machine::Stop stop = step();
    if (stop == machine::Stop::Pending) return ReplayState::Pending;
    if (stop == machine::Stop::Refused) {
      error_ = machine_.error();
      return ReplayState::Refused;
    }
    if (slice_seconds && seconds_since(start) >= *slice_seconds) return ReplayState::Running;
  }
}

// One look's worth of words.
machine::Stop Replay::step() {
  const bool warming = accesses_ < options_.warmup;
  std::size_t count = std::min(words_.size(), kWordsPerLook);
  while (count < words_.size() && is_second_half(words_[count])) ++count;
  if (warming) count = words_of(words_.first(count), options_.warmup - accesses_);
  const auto start = WallClock::now();
  const machine::Progress done = machine_.replay(words_.first(count));
  simulate_seconds_ += seconds_since(start);
  accesses_ += done.accesses;
  words_ = words_.subspan(done.consumed);
  if (warming && accesses_ >= options_.warmup) end_warmup();
  report();
  return done.stop;
}

void Replay::end_warmup() {
  before_ = machine_.stats();
  machine_.reset_peaks();
}

void Replay::report() {
  progress_.accesses.store(accesses_, std::memory_order_relaxed);
  progress_.faults.store(machine_.faults(), std::memory_order_relaxed);
}

machine::Stats Replay::stats() const {
  return machine::difference(machine_.stats(), before_, machine_.config().cost);
}

}  // namespace pw::trace
