// SPDX-License-Identifier: MIT
// Drives a machine with a source: warm-up, progress, cancel, hooks that suspend.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "machine/machine.h"
#include "trace/access_source.h"

namespace pw::trace {

struct ReplayOptions {
  std::uint64_t warmup = 0;  // selected accesses simulated first without being counted
};

enum class ReplayState : std::uint8_t { Running, Done, Pending, Refused, Failed, Aborted };

// Words between two looks at the clock and at the abort flag.
inline constexpr std::size_t kWordsPerLook = 1u << 15;

// Counters that other threads may read while a replay runs.
struct ReplayProgress {
  std::atomic<std::uint64_t> accesses{0};
  std::atomic<std::uint64_t> faults{0};
  std::atomic<bool> abort{false};
};

// How many words hold the next `accesses` accesses: second halves are none of their own, and one that
// follows the last access belongs to it.
std::size_t words_of(std::span<const PackedAccess> words, std::uint64_t accesses);

class Replay {
 public:
  Replay(machine::Machine& machine, AccessSource& source, ReplayOptions options, ReplayProgress& progress);

  // Runs until the end, an abort, a refusal or a pending handler; with `slice_seconds`, at most
  // about that long (then Running). Call again after Running, or after Machine::resume.
  ReplayState run(std::optional<double> slice_seconds = std::nullopt);

  // After Refused or Failed.
  const Error& error() const { return error_; }
  // Counters since the end of the warm-up.
  machine::Stats stats() const;
  std::uint64_t accesses() const { return accesses_; }
  double simulate_seconds() const { return simulate_seconds_; }  // wall time inside the machine

 private:
  machine::Stop step();
  void end_warmup();
  void report();

  machine::Machine& machine_;
  AccessSource& source_;
  ReplayOptions options_;
  ReplayProgress& progress_;
  machine::Stats before_;
  std::span<const PackedAccess> words_;
  std::uint64_t accesses_ = 0;
  double simulate_seconds_ = 0;
  Error error_;
};

}  // namespace pw::trace
