// SPDX-License-Identifier: MIT
// Drives a system of processes with a trace: its accesses in the process that makes them, its events as calls of it.
//
// An access that is refused is counted and logged, and the process goes on: its program did. A process that ended for
// want of memory makes no more accesses and calls; what the trace has of it is skipped and counted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/system_stats.h"
#include "os/system.h"
#include "programs/recorded_calls.h"
#include "programs/region_guess.h"
#include "programs/report.h"
#include "trace/replay.h"

namespace pw::programs {

struct ProgramReplayOptions {
  std::uint64_t warmup = 0;  // selected accesses simulated first, without being counted in stats()
  bool guesses_regions = false;
  CostTable cost;
};

class ProgramReplay {
 public:
  // REQUIRES: the system has no processes yet and records violations only.
  ProgramReplay(os::System& system, trace::AccessSource& source, ProgramReplayOptions options,
                trace::ReplayProgress& progress);

  // Until the end, an abort, an error or an access that waits for a handler (Pending: the next run() makes it again); with
  // `slice_seconds` at most about that long (then Running).
  trace::ReplayState run(std::optional<double> slice_seconds = std::nullopt);

  // After Failed.
  const Error& error() const { return error_; }
  const Report& report() const { return report_; }
  // In the order in which they began.
  const std::vector<Program>& programs() const { return programs_; }
  // The process whose access waits after Pending.
  std::uint32_t running_pid() const { return process_ == nullptr ? 0 : process_->pid(); }
  std::uint64_t accesses() const { return accesses_; }
  double simulate_seconds() const { return simulate_seconds_; }
  // Counters of the machine since the end of the warm-up; those of processes are from the beginning.
  machine::Stats stats() const;

 private:
  // The next words, or false at the end or after an error.
  bool take_next();
  void step();
  void replay(std::span<const PackedAccess> words);
  // Counts an access that did not complete; false if the run stops before it.
  bool passes_over(os::AccessEnd end);
  void fail(ErrorCode code, std::string message);
  void check_hooks();
  void apply(const trace::Event& event);
  void fork(const trace::Event& event);
  void begin(const trace::Event& event);
  void end(const trace::Event& event);
  os::Process* find(std::uint32_t recorded_pid);
  std::size_t index_of(std::uint32_t recorded_pid);
  void run_program(std::uint32_t recorded_pid);
  void report_progress();

  os::System& system_;
  trace::AccessSource& source_;
  ProgramReplayOptions options_;
  trace::ReplayProgress& progress_;
  Report report_;
  RecordedCalls calls_;
  std::unique_ptr<RegionGuess> guess_;

  std::vector<Program> programs_;
  std::map<std::uint32_t, std::size_t> indices_;  // of the programs, by recorded pid; the latest of a pid
  std::size_t current_ = 0;                       // the program that runs
  os::Process* process_ = nullptr;                // its process; nullptr: none yet
  VirtAddr instruction_;

  std::span<const PackedAccess> words_;
  std::span<const trace::Event> events_;
  std::size_t position_ = 0;  // words of the span that were replayed
  std::uint64_t accesses_ = 0;
  machine::Stats before_;
  double simulate_seconds_ = 0;
  trace::ReplayState state_ = trace::ReplayState::Running;
  Error error_;
};

}  // namespace pw::programs
