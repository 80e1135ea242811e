// SPDX-License-Identifier: MIT
// Decoding of a trace: lines per second of the decoding thread's own CPU time, decompression included.
//
//   bench_decode TRACE [passes=N]
#include "words.h"

using namespace pw;

namespace {

struct Pass {
  std::uint64_t lines = 0;
  double seconds = 0;
};

Pass decode(const std::string& path) {
  const auto trace = trace::Trace::open(path);
  if (!trace.ok()) bench::fail(trace.error().message);
  auto source = trace.value()->accesses({});
  if (!source.ok()) bench::fail(source.error().message);
  for (;;) {
    const auto words = source.value()->next();
    if (!words.ok()) bench::fail(words.error().message);
    if (words.value().empty()) break;
  }
  return {source.value()->counts().records, source.value()->decode_seconds()};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) bench::fail("usage: bench_decode TRACE [passes=N]");
  const int passes = count > 2 ? std::stoi(std::string(arguments[2]).substr(7)) : 5;
  std::vector<double> seconds;
  std::uint64_t lines = 0;
  for (int i = 0; i < passes; ++i) {
    const Pass pass = decode(arguments[1]);
    lines = pass.lines;
    seconds.push_back(pass.seconds);
  }
  std::printf("%s: %llu lines, %.1f M lines per CPU second (median of %d)\n", arguments[1],
              static_cast<unsigned long long>(lines),
              static_cast<double>(lines) / bench::median(seconds) / 1e6, passes);
  return 0;
}
