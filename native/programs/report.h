// SPDX-License-Identifier: MIT
// What a replay of programs has met besides what their system counts.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "os/violation_log.h"
#include "trace/event.h"

namespace pw::programs {

// A call whose result is not the recorded one. Results of calls that failed are error numbers.
struct Difference {
  trace::Event event;
  bool failed = false;
  std::uint64_t result = 0;
};

struct Report {
  static constexpr std::size_t kDifferencesKept = 32;

  std::array<std::uint64_t, trace::kEventKinds> events{};
  std::uint64_t differing = 0;
  std::vector<Difference> differences;  // the first ones
  std::uint64_t refused = 0;            // accesses that became signals or found no memory
  std::uint64_t skipped = 0;            // accesses of processes that have ended
  std::uint64_t guessed_regions = 0;

  void add(const Difference& difference) {
    if (differing++ < kDifferencesKept) differences.push_back(difference);
  }
};

// A process of the trace and the process that stands for it.
struct Program {
  std::uint32_t recorded_pid = 0;
  os::Pid pid = 0;
  std::uint64_t accesses = 0;
};

}  // namespace pw::programs
