// SPDX-License-Identifier: MIT
#include "programs/program_replay.h"

#include <algorithm>
#include <utility>

#include "base/wall_clock.h"

namespace pw::programs {

using trace::Event;
using trace::EventKind;
using trace::ReplayState;

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
  state_ = ReplayState::Running;
  for (;;) {
    if (progress_.abort.load(std::memory_order_relaxed)) return ReplayState::Aborted;
    if (position_ == words_.size() && events_.empty() && !take_next())
      return error_.message.empty() ? ReplayState::Done : ReplayState::Failed;
    const auto begin = WallClock::now();
    step();
    simulate_seconds_ += seconds_since(begin);
    report_progress();
    if (state_ != ReplayState::Running) return state_;
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
    check_hooks();
    if (state_ != ReplayState::Running) return;
  }
  std::size_t end = std::min(words_.size(), position_ + trace::kWordsPerLook);
  if (!events_.empty()) end = std::min<std::size_t>(end, events_.front().position);
  const bool warming = accesses_ < options_.warmup;
  if (warming)
    end =
        position_ + trace::words_of(words_.subspan(position_, end - position_), options_.warmup - accesses_);
  if (position_ < end && programs_.empty()) run_program(events_.empty() ? 1 : events_.front().pid);
  replay(words_.subspan(position_, end - position_));
  if (warming && accesses_ >= options_.warmup) before_ = machine::stats_of(system_, options_.cost);
}

void ProgramReplay::replay(std::span<const PackedAccess> words) {
  if (words.empty()) return;
  std::uint64_t accesses = 0;
  for (const PackedAccess word : words) {
    const VirtAddr address = address_of(word);
    const AccessKind kind = kind_of(word);
    if (kind == AccessKind::Fetch) instruction_ = address;
    const os::AccessEnd end = process_ == nullptr
                                  ? os::AccessEnd::NotRunning
                                  : system_.access(*process_, address, kind, instruction_).end;
    if (end != os::AccessEnd::Done && !passes_over(end)) break;
    accesses += !is_second_half(word);
    ++position_;
  }
  programs_[current_].accesses += accesses;
  accesses_ += accesses;
}

bool ProgramReplay::passes_over(os::AccessEnd end) {
  switch (end) {
    case os::AccessEnd::NotRunning: ++report_.skipped; return true;
    case os::AccessEnd::Pending: state_ = ReplayState::Pending; return false;
    case os::AccessEnd::Halted:
      fail(ErrorCode::Halted, "the machine stopped: " + system_.exceptions().triple_fault()->describe());
      return false;
    case os::AccessEnd::Unhealthy: fail(ErrorCode::Unhealthy, system_.unhealthy()); return false;
    case os::AccessEnd::Failed:  // whoever has set a handler that broke down knows why
      fail(ErrorCode::HandlerAnswer,
           "a handler let the access be tried again and again without mending its cause");
      return false;
    case os::AccessEnd::HookFailed: check_hooks(); return false;
    default: ++report_.refused; return true;
  }
}

void ProgramReplay::fail(ErrorCode code, std::string message) {
  state_ = ReplayState::Failed;
  error_ = {.code = code, .message = std::move(message)};
}

// What a hook failed with in an access or a call.
void ProgramReplay::check_hooks() {
  if (const auto failure = system_.kernel().take_hook_failure())
    fail(ErrorCode::HandlerAnswer, failure->describe());
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
