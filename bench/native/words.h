// SPDX-License-Identifier: MIT
// A trace's selected accesses in memory, and thread CPU time: what the native benchmarks share.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/access.h"
#include "trace/trace.h"

namespace pw::bench {

inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

[[noreturn]] inline void fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(2);
}

inline std::vector<PackedAccess> load_words(const trace::Trace& trace, const trace::Selection& selection) {
  auto source = trace.accesses(selection);
  if (!source.ok()) fail(source.error().message);
  std::vector<PackedAccess> words;
  for (;;) {
    const auto next = source.value()->next();
    if (!next.ok()) fail(next.error().message);
    if (next.value().empty()) return words;
    words.insert(words.end(), next.value().begin(), next.value().end());
  }
}

inline std::vector<PackedAccess> load_words(const std::string& path, const trace::Selection& selection) {
  const auto trace = trace::Trace::open(path);
  if (!trace.ok()) fail(trace.error().message);
  return load_words(*trace.value(), selection);
}

}  // namespace pw::bench
