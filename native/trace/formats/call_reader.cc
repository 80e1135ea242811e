// SPDX-License-Identifier: MIT
#include "trace/formats/call_reader.h"

#include <algorithm>
#include <charconv>

#include "trace/formats/text_line.h"

namespace pw::trace {
namespace {

constexpr std::uint64_t kCloneThread = 0x10000;                    // CLONE_THREAD
constexpr std::uint64_t kDupFrom = 0, kDupFromCloseOnExec = 1030;  // F_DUPFD, F_DUPFD_CLOEXEC
constexpr std::string_view kKilledBy = "Process terminating with default action of signal ";

enum class Role : std::uint8_t { Unrelated, Memory, Fork, Exec, ExitThread, Exit, Descriptor };

struct KnownCall {
  std::string_view name;
  Role role;
  EventKind kind = EventKind::Switch;  // of memory calls
};
// By the names that valgrind prints.
constexpr KnownCall kKnownCalls[] = {
    {"brk", Role::Memory, EventKind::Brk},
    {"mmap", Role::Memory, EventKind::Mmap},
    {"munmap", Role::Memory, EventKind::Munmap},
    {"mprotect", Role::Memory, EventKind::Mprotect},
    {"pkey_mprotect", Role::Memory, EventKind::Mprotect},
    {"mremap", Role::Memory, EventKind::Mremap},
    {"madvise", Role::Memory, EventKind::Madvise},
    {"mlock", Role::Memory, EventKind::Mlock},
    {"mlock2", Role::Memory, EventKind::Mlock},
    {"munlock", Role::Memory, EventKind::Munlock},
    {"mlockall", Role::Memory, EventKind::Mlockall},
    {"munlockall", Role::Memory, EventKind::Munlockall},
    {"msync", Role::Memory, EventKind::Msync},
    {"shmat", Role::Memory, EventKind::Shmat},
    {"shmdt", Role::Memory, EventKind::Shmdt},
    {"fork", Role::Fork},
    {"vfork", Role::Fork},
    {"clone", Role::Fork},
    {"execve", Role::Exec},
    {"execveat", Role::Exec},
    {"exit", Role::ExitThread},
    {"exit_group", Role::Exit},
    {"open", Role::Descriptor},
    {"openat", Role::Descriptor},
    {"creat", Role::Descriptor},
    {"memfd_create", Role::Descriptor},
    {"close", Role::Descriptor},
    {"dup", Role::Descriptor},
    {"dup2", Role::Descriptor},
    {"dup3", Role::Descriptor},
    {"fcntl", Role::Descriptor},
    {"shmget", Role::Descriptor},
};

KnownCall known(std::string_view name) {
  const auto* found = std::ranges::find(kKnownCalls, name, &KnownCall::name);
  return found == std::end(kKnownCalls) ? KnownCall{name, Role::Unrelated} : *found;
}

// The process id of "==889== text", and the text; nothing of other lines.
std::optional<std::uint32_t> take_banner_id(std::string_view& line) {
  std::uint32_t pid = 0;
  const auto [end, error] = std::from_chars(line.data() + 2, line.data() + line.size(), pid);
  const std::size_t digits = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || line.substr(digits, 3) != "== ") return std::nullopt;
  line.remove_prefix(digits + 3);
  return pid;
}

}  // namespace

CallReader CallReader::of_child(std::uint32_t pid) const {
  CallReader child;
  child.saw_call_ = true;
  child.current_ = pid;
  if (const auto found = processes_.find(pid); found != processes_.end())
    child.processes_[pid] = found->second;
  child.segment_bytes_ = segment_bytes_;
  return child;
}

bool CallReader::takes(std::string_view line) const {
  if (line.substr(0, kCallPrefix.size()) == kCallPrefix || line.substr(0, 2) == "==") return true;
  return (saw_call_ && line.empty()) || line.substr(0, kResultPrefix.size()) == kResultPrefix;
}

std::string_view CallReader::take(std::string_view line, std::uint64_t position, std::vector<Event>& events,
                                  ReaderTally& tally, std::string_view& rest) {
  const Sink sink{position, events, tally};
  rest = {};
  if (line.empty()) return {};
  if (line.substr(0, kResultPrefix.size()) != kResultPrefix) {
    end_exec(sink);
    return line[0] == '=' ? take_banner(line, sink) : take_call(line, sink, rest);
  }
  const CallResultText result = parse_result_line(line, rest);
  if (result.outcome == CallOutcome::Open) return "a result such as \" --> [pre-success] Success(0x0)\"";
  // A forked process begins its own log with the end of the line that its parent began.
  if (const auto thread = std::exchange(open_, std::nullopt)) end_call(*thread, result, sink);
  return {};
}

std::string_view CallReader::take_call(std::string_view text, Sink sink, std::string_view& rest) {
  const auto line = parse_call_line(text);
  if (!line)
    return "a system call such as \"SYSCALL[1,1](11) sys_munmap ( 0x1000, 4096 )[sync] --> Success(0x0)\"";
  saw_call_ = true;
  rest = line->rest;
  run(line->pid, sink);
  const Thread thread{line->pid, line->thread};
  if (!line->continues) {
    const std::string_view expected = begin_call(*line, sink);
    if (!expected.empty()) return expected;
  }
  switch (line->result.outcome) {
    case CallOutcome::Waiting: break;
    case CallOutcome::Open: open_ = thread; break;
    default: end_call(thread, line->result, sink);
  }
  return {};
}

std::string_view CallReader::begin_call(const CallLine& line, Sink sink) {
  const Thread thread{line.pid, line.thread};
  const KnownCall call = known(line.name);
  // Another one under way was cut off, as by a signal.
  if (calls_.erase(thread) != 0) ++sink.tally.cut_calls;
  if (call.role == Role::Unrelated || call.role == Role::Descriptor) ++sink.tally.unrelated_calls;
  if (call.role == Role::Unrelated) return {};
  const auto arguments = parse_arguments(line.arguments, line.name == "clone");
  if (!arguments) return "numbers as the arguments of the call";
  calls_[thread] = {std::string(line.name), *arguments, std::string(text_argument(line.arguments))};
  if (call.role == Role::Exec && line.result.outcome == CallOutcome::Open) execs_ = thread;
  return {};
}

void CallReader::end_call(const Thread& thread, CallResultText result, Sink sink) {
  execs_.reset();
  const auto found = calls_.find(thread);
  if (found == calls_.end()) return;
  const Call call = std::move(found->second);
  calls_.erase(found);
  const bool succeeded = result.outcome == CallOutcome::Success;
  const KnownCall what = known(call.name);
  switch (what.role) {
    case Role::Memory: return end_memory_call(what.kind, call, result, sink);
    case Role::Fork: return end_fork(call, result, sink);
    case Role::Descriptor: return succeeded ? end_descriptor_call(call, result) : void();
    case Role::ExitThread:
      if (processes_[current_].threads-- > 1) return;
      [[fallthrough]];
    case Role::Exit: return emit({.kind = EventKind::Exit, .arguments = {call.arguments[0]}}, sink);
    default: ++sink.tally.unrelated_calls;  // an exec that failed
  }
}

// An execve without a result, and something else after it: it succeeded.
void CallReader::end_exec(Sink sink) {
  if (!execs_) return;
  calls_.erase(*execs_);
  if (open_ == execs_) open_.reset();
  execs_.reset();
  emit({.kind = EventKind::Exec}, sink);
}

void CallReader::end_memory_call(EventKind kind, const Call& call, CallResultText result, Sink sink) {
  Event event{.kind = kind, .failed = result.outcome == CallOutcome::Failure, .arguments = call.arguments};
  for (std::size_t i = info_of(kind).arguments; i < kMaxArguments; ++i) event.arguments[i] = 0;
  event.result = result.value;
  const auto descriptor = static_cast<std::uint32_t>(call.arguments[4]);
  constexpr std::uint64_t kAnonymous = 0x20;  // MAP_ANONYMOUS
  if (kind == EventKind::Mmap && !(call.arguments[3] & kAnonymous)) event.file = file_of(descriptor);
  if (kind == EventKind::Shmat) event.arguments[3] = segment_bytes_[call.arguments[0]];
  emit(std::move(event), sink);
}

void CallReader::end_fork(const Call& call, CallResultText result, Sink sink) {
  const bool failed = result.outcome == CallOutcome::Failure;
  if (call.name == "clone" && (call.arguments[0] & kCloneThread)) {
    processes_[current_].threads += !failed;
    ++sink.tally.unrelated_calls;
    return;
  }
  if (!failed)
    processes_[static_cast<std::uint32_t>(result.value)].descriptors = processes_[current_].descriptors;
  emit({.kind = EventKind::Fork, .failed = failed, .result = result.value}, sink);
}

void CallReader::end_descriptor_call(const Call& call, CallResultText result) {
  Descriptors& files = processes_[current_].descriptors;
  const std::uint64_t first = call.arguments[0];
  if (call.name == "shmget") {
    segment_bytes_[result.value] = call.arguments[1];
  } else if (call.name == "close") {
    files.erase(first);
  } else if (call.name == "memfd_create") {
    files[result.value] = "memfd:" + std::to_string(current_) + ":" + std::to_string(result.value);
  } else if (call.name.starts_with("dup") || call.name == "fcntl") {
    const bool copies =
        call.name != "fcntl" || call.arguments[1] == kDupFrom || call.arguments[1] == kDupFromCloseOnExec;
    if (copies && first != result.value) files[result.value] = file_of(first);
  } else {
    files[result.value] = call.text;
  }
}

std::string CallReader::file_of(std::uint64_t descriptor) {
  const Descriptors& files = processes_[current_].descriptors;
  const auto found = files.find(descriptor);
  if (found != files.end() && !found->second.empty()) return found->second;
  return "descriptor:" + std::to_string(current_) + ":" + std::to_string(descriptor);
}

std::string_view CallReader::take_banner(std::string_view line, Sink sink) {
  const auto pid = take_banner_id(line);
  if (!pid) return {};
  if (line.substr(0, kOwnLine.size()) == kOwnLine) return take_own(*pid, line.substr(kOwnLine.size()), sink);
  if (current_ == 0) current_ = *pid;
  if (saw_call_ && line.substr(0, kKilledBy.size()) == kKilledBy) {
    line.remove_prefix(kKilledBy.size());
    run(*pid, sink);
    emit({.kind = EventKind::Exit, .arguments = {kKilled + take_decimal(line).value}}, sink);
  }
  return {};
}

std::string_view CallReader::take_own(std::uint32_t pid, std::string_view line, Sink sink) {
  constexpr std::string_view kExpected = "begin, map or switch with numbers in parentheses";
  const std::size_t open = line.find(" (");
  const std::size_t close = line.find(" )");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return kExpected;
  const std::string_view name = line.substr(0, open);
  const std::string_view list =
      close > open + 2 ? line.substr(open + 3, close - open - 3) : std::string_view();
  const auto arguments = parse_arguments(list);
  if (!arguments) return kExpected;
  for (const EventKind kind : {EventKind::Switch, EventKind::Begin, EventKind::Map}) {
    if (name != name_of(kind)) continue;
    saw_call_ = true;
    current_ = pid;
    Event event{.kind = kind, .arguments = *arguments};
    if (line.size() > close + 3) event.file = line.substr(close + 3);
    emit(std::move(event), sink);
    return {};
  }
  return kExpected;
}

// Whoever makes a call runs.
void CallReader::run(std::uint32_t pid, Sink sink) {
  const bool switches = current_ != 0 && current_ != pid;
  current_ = pid;
  if (switches) emit({.kind = EventKind::Switch}, sink);
}

void CallReader::emit(Event event, Sink sink) {
  event.pid = current_;
  event.position = sink.position;
  sink.events.push_back(std::move(event));
}

void CallReader::finish(std::uint64_t position, std::vector<Event>& events, ReaderTally& tally) {
  end_exec({position, events, tally});
  tally.cut_calls += calls_.size();
  calls_.clear();
}

}  // namespace pw::trace
