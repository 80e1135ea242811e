// SPDX-License-Identifier: MIT
// What happens between the accesses of a trace: who runs, and the calls that change what memory there is.
//
// A process exists from its first event on; the accesses before any event are of the process that the first one names.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace pw::trace {

// The values are those of the packed form; new ones are added at the end.
enum class EventKind : std::uint8_t {
  Switch,      // what follows is of this process
  Begin,       // a program begins with an empty address space: (start of the heap, 0 where not known)
  Map,         // a mapping that the program found: (address, length, protection, flags, offset)
  Brk,         // (end) -> end
  Mmap,        // (address, length, protection, flags, descriptor, offset) -> address
  Munmap,      // (address, length)
  Mprotect,    // (address, length, protection)
  Mremap,      // (address, old length, new length, flags, new address) -> address
  Madvise,     // (address, length, advice)
  Mlock,       // (address, length, flags of mlock2)
  Munlock,     // (address, length)
  Mlockall,    // (flags)
  Munlockall,  // ()
  Msync,       // (address, length, flags)
  Shmat,       // (id, address, flags, bytes of the segment) -> address
  Shmdt,       // (address)
  Fork,        // () -> process id of the child
  Exec,        // the address space is gone; a Begin follows if the new program is in the trace
  Exit,        // (status, or kKilled + the number of the signal that ended it)
};
inline constexpr std::size_t kEventKinds = static_cast<std::size_t>(EventKind::Exit) + 1;
inline constexpr std::size_t kMaxArguments = 6;
inline constexpr std::uint64_t kKilled = 256;

struct EventKindInfo {
  std::string_view name;
  std::uint8_t arguments;
  bool has_result;
};
inline constexpr std::array<EventKindInfo, kEventKinds> kEventKindInfos = {{
    {"switch", 0, false},    {"begin", 1, false}, {"map", 5, false},     {"brk", 1, true},
    {"mmap", 6, true},       {"munmap", 2, true}, {"mprotect", 3, true}, {"mremap", 5, true},
    {"madvise", 3, true},    {"mlock", 3, true},  {"munlock", 2, true},  {"mlockall", 1, true},
    {"munlockall", 0, true}, {"msync", 3, true},  {"shmat", 4, true},    {"shmdt", 1, true},
    {"fork", 0, true},       {"exec", 0, false},  {"exit", 1, false},
}};
constexpr const EventKindInfo& info_of(EventKind kind) {
  return kEventKindInfos[static_cast<std::size_t>(kind)];
}
constexpr std::string_view name_of(EventKind kind) { return info_of(kind).name; }
// Whether it is a call to the system, and not what the trace says of its own.
constexpr bool is_call(EventKind kind) { return kind > EventKind::Map; }

struct Event {
  EventKind kind = EventKind::Switch;
  bool failed = false;  // then `result` is the error number
  std::uint32_t pid = 0;
  std::uint64_t position = 0;  // words before it in the batch, block or span that it came with
  std::array<std::uint64_t, kMaxArguments> arguments{};
  std::uint64_t result = 0;
  std::string file = {};  // what is mapped; empty: anonymous memory, or not known

  friend bool operator==(const Event&, const Event&) = default;
};

// How many of each kind a trace holds.
struct EventCounts {
  std::array<std::uint64_t, kEventKinds> by_kind{};
  std::uint64_t failed = 0;     // calls that the system refused
  std::uint64_t unrelated = 0;  // calls that have no event
  std::uint64_t cut = 0;        // calls whose result the trace does not show

  void add(const Event& event) {
    ++by_kind[static_cast<std::size_t>(event.kind)];
    failed += event.failed;
  }
  std::uint64_t events() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : by_kind) sum += count;
    return sum;
  }
  friend bool operator==(const EventCounts&, const EventCounts&) = default;
};

}  // namespace pw::trace
