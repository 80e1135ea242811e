// SPDX-License-Identifier: MIT
// What happens when no frame is free and nothing can be evicted: the hook, the killer, a failed fault.
#include "os/system.h"

namespace pw::os {

std::int64_t System::badness(const Process& process) const {
  constexpr int kNever = -1000;
  if (process.state() == ProcessState::Ended || process.oom_score_adjustment() <= kNever) return -1;
  const mm::SpaceCounters& counters = process.space().counters();
  std::uint64_t points = counters.swapped + process.space().mapper().table_count();
  for (const std::uint64_t pages : counters.resident) points += pages;
  const std::uint64_t all = kernel_->frames().frames() + kernel_->swap().slots();
  return static_cast<std::int64_t>(points) +
         process.oom_score_adjustment() * static_cast<std::int64_t>(all / 1000);
}

Process* System::choose_process_to_kill() {
  Process* worst = nullptr;
  std::int64_t most = -1;
  processes_.for_each([&](Process& process) {
    if (const std::int64_t points = badness(process); points > most) {
      most = points;
      worst = &process;
    }
  });
  return worst;
}

bool System::relieve() {
  if (hook_ && hook_()) {
    ++out_of_memory_.hook_helped;
    return true;
  }
  if (kill_current_) return false;  // it is as good as dead: its fault fails
  Process* const worst = choose_process_to_kill();
  if (worst == nullptr) return false;
  const bool holds_up = current_.process != nullptr && current_.process->state() != ProcessState::Ended &&
                        &worst->space() == &current_.process->space();
  if (holds_up) {
    kill_current_ = true;  // its address space is in use until the fault has returned
    return false;
  }
  processes_.end(*worst, Signal::Kill);
  ++out_of_memory_.killed;
  return true;
}

}  // namespace pw::os
