// SPDX-License-Identifier: MIT
// What happens when no frame is free and nothing can be evicted: the hook, the killer, a failed fault.
#include <string>
#include <utility>

#include "base/hex.h"
#include "os/system.h"

namespace pw::os {

std::int64_t System::badness(const Process& process) const {
  constexpr int kNever = -1000;
  if (process.state() == ProcessState::Ended || process.oom_score_adjustment() <= kNever) return -1;
  const mm::SpaceCounters& counters = process.space().counters();
  std::uint64_t points = counters.swapped + process.space().mapper().table_count();
  for (const std::uint64_t pages : counters.resident) points += pages;
  const std::uint64_t all = kernel_->allocator().usable_frames() + kernel_->swap().slots();
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

System::Call::Call(System& system, Process& process)
    : system_(system), current_(std::in_place, system, process) {}

System::Call::~Call() {
  Process& process = *current_->process;
  const bool is_to_be_killed = current_->is_to_be_killed;
  current_.reset();
  if (!is_to_be_killed) return;
  system_.processes_.end(process, Signal::Kill);
  ++system_.out_of_memory_.killed;
}

// Whether a frame is free, or becomes so.
bool System::has_room() { return kernel_->allocator().free_count() > 0 || kernel_->evict(); }

bool System::discard(const OutOfMemoryAnswer& answer) {
  Process* const process = processes_.find(answer.pid);
  if (process == nullptr || process->state() == ProcessState::Ended) return false;
  return mm::madvise(process->space(), answer.address, answer.bytes, mm::abi::kDontNeed) == mm::Errno::None;
}

// False: the process's address space is in use, and it ends when its access has returned.
bool System::kill(Process& process) {
  const bool holds_up = current_ != nullptr && current_->process->state() != ProcessState::Ended &&
                        &process.space() == &current_->process->space();
  if (holds_up) {
    current_->is_to_be_killed = true;
    return false;
  }
  processes_.end(process, Signal::Kill);
  ++out_of_memory_.killed;
  return true;
}

// Final: nobody else is to be killed.
System::Relief System::make_room_as_asked(const OutOfMemoryAnswer& answer) {
  using Kind = OutOfMemoryAnswer::Kind;
  const auto fail = [&](std::string message) {
    kernel_->fail_hook(mm::HookPoint::OutOfMemory, std::move(message));
    return Relief::Final;
  };
  switch (answer.kind) {
    case Kind::Default: return Relief::NotHelped;
    case Kind::Refuse: return Relief::Final;
    case Kind::Failed: return fail({});
    case Kind::Kill: {
      Process* const process = processes_.find(answer.pid);
      if (process == nullptr || process->state() == ProcessState::Ended)
        return fail("expected a living process to kill, got " + std::to_string(answer.pid));
      return kill(*process) ? Relief::MadeRoom : Relief::Final;
    }
    case Kind::Discard:
      if (!discard(answer))
        return fail("expected mapped, unlocked pages of a living process to give up, got " +
                    std::to_string(answer.bytes) + " bytes at " + hex(answer.address) + " of " +
                    std::to_string(answer.pid));
      break;
    case Kind::MadeRoom: break;
  }
  if (!has_room()) return kernel_->has_hook_failure() ? Relief::Final : Relief::NotHelped;
  ++out_of_memory_.hook_helped;
  return Relief::MadeRoom;
}

System::Relief System::ask_for_room() {
  if (!hook_) return Relief::NotHelped;
  return make_room_as_asked(hook_({current_pid()}));
}

bool System::relieve() {
  if (current_ != nullptr && current_->is_to_be_killed)
    return false;  // it is as good as dead: its fault fails
  const Relief relief = ask_for_room();
  if (relief != Relief::NotHelped) return relief == Relief::MadeRoom;
  Process* const worst = choose_process_to_kill();
  return worst != nullptr && kill(*worst);
}

}  // namespace pw::os
