// SPDX-License-Identifier: MIT
#include "programs/program_replay.h"

#include <algorithm>
#include <chrono>

namespace pw::programs {

using trace::Event;
using trace::EventKind;
using trace::ReplayState;

namespace {

using WallClock = std::chrono::steady_clock;

double seconds_since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

// Words between two looks at the clock and at the abort flag.
constexpr std::size_t kWordsPerLook = 1u << 15;

}  // namespace

ProgramReplay::ProgramReplay(os::System& system, trace::AccessSource& source, ProgramReplayOptions options,
                             trace::ReplayProgress& progress)
    : system_(system),
      source_(source),
      options_(options),
      progress_(progress),
      calls_(system, report_),
      before_(machine::stats_of(system, options.cost)) {
  if (options.guesses_regions) guess_ = std::make_unique<RegionGuess>(system, report_);
}

ReplayState ProgramReplay::run(std::optional<double> slice_seconds) {
  const auto start = WallClock::now();
  for (;;) {
    if (progress_.abort.load(std::memory_order_relaxed)) return ReplayState::Aborted;
    if (position_ == words_.size() && events_.empty() && !take_next())
      return error_.message.empty() ? ReplayState::Done : ReplayState::Failed;
    const auto begin = WallClock::now();
    step();
    simulate_seconds_ += seconds_since(begin);
    report_progress();
    if (system_.exceptions().triple_fault()) {
      error_ = {.code = ErrorCode::Halted,
                .message = "the machine stopped: " + system_.exceptions().triple_fault()->describe()};
      return ReplayState::Failed;
    }
    if (slice_seconds && seconds_since(start) >= *slice_seconds) return ReplayState::Running;
  }
}

bool ProgramReplay::take_next() {
  auto next = source_.next();
  if (!next.ok()) {
    error_ = next.error();
    return false;
  }
  words_ = next.value();
  events_ = source_.events();
  position_ = 0;
  return !words_.empty() || !events_.empty();
}

// The events that are due, then words up to the next one or to the next look.
void ProgramReplay::step() {
  while (!events_.empty() && events_.front().position <= position_) {
    apply(events_.front());
    events_ = events_.subspan(1);
  }
  std::size_t end = std::min(words_.size(), position_ + kWordsPerLook);
  if (!events_.empty()) end = std::min<std::size_t>(end, events_.front().position);
  const bool warming = accesses_ < options_.warmup;
  if (warming)
    end =
        position_ + trace::words_of(words_.subspan(position_, end - position_), options_.warmup - accesses_);
  if (position_ < end && programs_.empty()) run_program(events_.empty() ? 1 : events_.front().pid);
  replay(words_.subspan(position_, end - position_));
  position_ = end;
  if (warming && accesses_ >= options_.warmup) before_ = machine::stats_of(system_, options_.cost);
}

void ProgramReplay::replay(std::span<const PackedAccess> words) {
  if (words.empty()) return;
  std::uint64_t accesses = 0;
  for (const PackedAccess word : words) {
    const VirtAddr address = address_of(word);
    const AccessKind kind = kind_of(word);
    accesses += !is_second_half(word);
    if (kind == AccessKind::Fetch) instruction_ = address;
    if (process_ == nullptr) {
      ++report_.skipped;
      continue;
    }
    const os::Accessed accessed = system_.access(*process_, address, kind, instruction_);
    if (accessed.end == os::AccessEnd::NotRunning)
      ++report_.skipped;
    else if (accessed.end != os::AccessEnd::Done)
      ++report_.refused;
  }
  programs_[current_].accesses += accesses;
  accesses_ += accesses;
}

void ProgramReplay::apply(const Event& event) {
  ++report_.events[static_cast<std::size_t>(event.kind)];
  if (event.kind == EventKind::Begin) return begin(event);
  run_program(event.pid);
  if (event.kind == EventKind::Switch || process_ == nullptr || !process_->is_running()) return;
  switch (event.kind) {
    case EventKind::Fork: return fork(event);
    case EventKind::Exec:
    case EventKind::Exit: return end(event);
    default: calls_.make(*process_, event);
  }
}

std::size_t ProgramReplay::index_of(std::uint32_t recorded_pid) {
  const auto found = indices_.find(recorded_pid);
  return found == indices_.end() ? programs_.size() : found->second;
}

// A process that nobody made comes into being with its first access or call.
void ProgramReplay::run_program(std::uint32_t recorded_pid) {
  const std::size_t index = index_of(recorded_pid);
  if (index == programs_.size()) {
    const os::Process* const made = system_.processes().create({});
    // Without a frame for its tables it never runs.
    programs_.push_back({recorded_pid, made == nullptr ? 0 : made->pid(), 0});
    indices_[recorded_pid] = index;
  }
  current_ = index;
  process_ = system_.processes().find(programs_[index].pid);
  if (guess_) guess_->set_current(process_);
}

void ProgramReplay::fork(const Event& event) {
  if (event.failed) return;
  const os::Process* const child = system_.processes().fork(*process_);
  if (child == nullptr) report_.add({event, true, static_cast<std::uint64_t>(mm::Errno::Enomem)});
  const auto recorded_child = static_cast<std::uint32_t>(event.result);
  indices_[recorded_child] = programs_.size();
  programs_.push_back({recorded_child, child == nullptr ? 0 : child->pid(), 0});
  if (guess_ && child != nullptr) guess_->forked(process_->pid(), child->pid());
}

// Of a process that is new, or whose program was replaced.
void ProgramReplay::begin(const Event& event) {
  run_program(event.pid);
  if (process_ == nullptr || !process_->is_running()) return;
  const bool is_empty = process_->space().vmas().size() == 0;
  if (is_empty || system_.processes().exec(*process_)) calls_.make(*process_, event);
}

void ProgramReplay::end(const Event& event) {
  if (guess_) guess_->began(process_->pid());
  if (event.kind == EventKind::Exec) {
    (void)system_.processes().exec(*process_);
    return;
  }
  const std::uint64_t status = event.arguments[0];
  const bool is_killed = status >= trace::kKilled;
  system_.processes().end(*process_,
                          is_killed ? static_cast<os::Signal>(status - trace::kKilled) : os::Signal::None,
                          is_killed ? std::uint8_t{0} : static_cast<std::uint8_t>(status));
}

machine::Stats ProgramReplay::stats() const {
  return machine::difference(machine::stats_of(system_, options_.cost), before_, options_.cost);
}

void ProgramReplay::report_progress() {
  progress_.accesses.store(accesses_, std::memory_order_relaxed);
  progress_.faults.store(system_.processes().faults().total(), std::memory_order_relaxed);
}

}  // namespace pw::programs
