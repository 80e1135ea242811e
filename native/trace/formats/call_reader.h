// SPDX-License-Identifier: MIT
// Makes events of the lines about processes in a trace as text: valgrind's lines about system calls, its banner, and
// lines of ours that begin as a banner does, so that other programs skip them:
//
//   ==889== pagewalk: begin ( 0x4035000 )
//   ==889== pagewalk: map ( 0x108000, 8192, 1, 2, 0 ) /usr/bin/true
//   ==890== pagewalk: switch ( )
//
// What descriptors stand for is followed through open, dup and close, so that mappings have the names of their files.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trace/event.h"
#include "trace/formats/call_line.h"
#include "trace/formats/reader.h"

namespace pw::trace {

inline constexpr std::string_view kOwnLine = "pagewalk: ";

class CallReader {
 public:
  // For the log of a process that was forked, which begins in the middle of its parent's line.
  CallReader of_child(std::uint32_t pid) const;

  // Whether a line is of the kinds that this reader takes.
  bool takes(std::string_view line) const;
  // What was expected where the line (without its end) is wrong, or nothing. `rest` is what else stands on the line.
  std::string_view take(std::string_view line, std::uint64_t position, std::vector<Event>& events,
                        ReaderTally& tally, std::string_view& rest);
  // At the end of the text.
  void finish(std::uint64_t position, std::vector<Event>& events, ReaderTally& tally);

 private:
  // A descriptor's file, by process. Descriptors that are not known get a name that says whose they are.
  using Descriptors = std::map<std::uint64_t, std::string>;
  struct Process {
    Descriptors descriptors;
    unsigned threads = 1;
  };
  struct Call {
    std::string name;
    std::array<std::uint64_t, kMaxArguments> arguments{};
    std::string text;
  };
  using Thread = std::pair<std::uint32_t, std::uint32_t>;

  struct Sink {
    std::uint64_t position;
    std::vector<Event>& events;
    ReaderTally& tally;
  };

  std::string_view take_call(std::string_view line, Sink sink, std::string_view& rest);
  std::string_view take_banner(std::string_view line, Sink sink);
  std::string_view take_own(std::uint32_t pid, std::string_view line, Sink sink);
  std::string_view begin_call(const CallLine& line, Sink sink);
  void end_call(const Thread& thread, CallResultText result, Sink sink);
  void end_exec(Sink sink);
  void end_memory_call(EventKind kind, const Call& call, CallResultText result, Sink sink);
  void end_fork(const Call& call, CallResultText result, Sink sink);
  void end_descriptor_call(const Call& call, CallResultText result);
  void run(std::uint32_t pid, Sink sink);
  void emit(Event event, Sink sink);
  std::string file_of(std::uint64_t descriptor);

  bool saw_call_ = false;
  std::uint32_t current_ = 0;     // the process that runs; 0: none known yet
  std::optional<Thread> open_;    // whose result comes on the next line
  std::optional<Thread> execs_;   // whose execve came last: without a result it succeeded
  std::map<Thread, Call> calls_;  // without a result yet
  std::map<std::uint32_t, Process> processes_;
  std::map<std::uint64_t, std::uint64_t> segment_bytes_;  // of System V shared memory, by id
};

}  // namespace pw::trace
