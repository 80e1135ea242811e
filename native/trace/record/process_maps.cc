// SPDX-License-Identifier: MIT
#include "trace/record/process_maps.h"

#include <string>

#include "trace/formats/text_line.h"

namespace pw::trace {
namespace {

// Where valgrind 3 puts things on x86-64 Linux (coregrind/m_aspacemgr, link address of the tools).
constexpr std::uint64_t kToolStart = 0x58000000;
constexpr std::uint64_t kProgramEnd = 0x20'0000'0000;  // the stack ends below
constexpr std::uint64_t kStackRoom = 0x1000'0000;      // it is within

// PROT_ and MAP_ bits of Linux.
constexpr std::uint64_t kRead = 1, kWrite = 2, kExec = 4;
constexpr std::uint64_t kShared = 1, kPrivate = 2, kAnonymous = 0x20, kGrowsDown = 0x100;

struct MapLine {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t protection = 0;
  bool is_shared = false;
  std::uint64_t offset = 0;
  std::string_view name;
};

void skip(std::string_view& text, char c) {
  while (!text.empty() && text.front() == c) text.remove_prefix(1);
}

std::string_view take_word(std::string_view& line) {
  skip(line, ' ');
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

MapLine parse(std::string_view line) {
  MapLine map;
  map.start = take_hex(line).value;
  skip(line, '-');
  map.end = take_hex(line).value;
  const std::string_view rights = take_word(line);
  if (rights.size() == 4) {
    map.protection =
        (rights[0] == 'r' ? kRead : 0) | (rights[1] == 'w' ? kWrite : 0) | (rights[2] == 'x' ? kExec : 0);
    map.is_shared = rights[3] == 's';
  }
  std::string_view offset = take_word(line);
  map.offset = take_hex(offset).value;
  take_word(line);  // device
  take_word(line);  // inode
  skip(line, ' ');
  map.name = line;
  return map;
}

bool is_stack(const MapLine& map) {
  return map.name.empty() && map.end <= kProgramEnd && map.start >= kProgramEnd - kStackRoom;
}
bool is_heap(const MapLine& map) {
  return map.name.empty() && map.start < kToolStart && map.protection == (kRead | kWrite | kExec);
}
bool is_of_program(const MapLine& map) {
  const bool is_tool_code = map.start < kProgramEnd && map.name.find("/valgrind/") != map.name.npos &&
                            map.protection == (kRead | kExec);
  return map.start < map.end && (map.start < kToolStart || is_stack(map) || is_tool_code);
}

}  // namespace

std::vector<Event> events_of_maps(std::string_view maps, std::uint32_t pid) {
  std::vector<Event> events = {{.kind = EventKind::Begin, .pid = pid}};
  while (!maps.empty()) {
    const std::string_view line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(maps.size(), line.size() + 1));
    const MapLine map = parse(line);
    if (is_heap(map)) {
      events[0].arguments[0] = map.start;
    } else if (is_of_program(map)) {
      const std::uint64_t flags = (map.is_shared ? kShared : kPrivate) | (map.name.empty() ? kAnonymous : 0) |
                                  (is_stack(map) ? kGrowsDown : 0);
      events.push_back({.kind = EventKind::Map,
                        .pid = pid,
                        .arguments = {map.start, map.end - map.start, map.protection, flags, map.offset},
                        .file = std::string(map.name)});
    }
  }
  return events;
}

}  // namespace pw::trace
