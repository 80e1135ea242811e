// SPDX-License-Identifier: MIT
// What the tests of traces share: temporary files, and draining a trace.
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/test.h"
#include "trace/trace.h"

namespace pw::test {

// A path of its own that is removed in the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& suffix = ".lackey", std::string_view content = {}) {
    static std::atomic<int> number{0};
    const auto unique =
        std::to_string(reinterpret_cast<std::uintptr_t>(this)) + "-" + std::to_string(++number);
    path_ = std::filesystem::temp_directory_path() / ("pagewalk-test-" + unique + suffix);
    write(content);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view content) const {
    std::ofstream(path_, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  std::string read() const {
    std::ostringstream out;
    out << std::ifstream(path_, std::ios::binary).rdbuf();
    return out.str();
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// The words and final counts of a stream, or its error.
struct Drained {
  std::vector<PackedAccess> words;
  trace::TraceCounts counts;
  std::optional<Error> error;
  double decode_seconds = 0;
};

inline Drained drain(const trace::Trace& trace, const trace::Selection& selection = {}) {
  Drained out;
  auto source = trace.accesses(selection);
  if (!source.ok()) {
    out.error = source.error();
    return out;
  }
  for (;;) {
    auto words = source.value()->next();
    if (!words.ok()) {
      out.error = words.error();
      break;
    }
    if (words.value().empty()) break;
    out.words.insert(out.words.end(), words.value().begin(), words.value().end());
  }
  out.counts = source.value()->counts();
  out.decode_seconds = source.value()->decode_seconds();
  return out;
}

inline std::shared_ptr<trace::Trace> open_or_fail(const std::string& path, trace::OpenOptions options = {}) {
  auto opened = trace::Trace::open(path, std::move(options));
  if (!opened.ok()) record_failure(__FILE__, __LINE__, "cannot open " + path + ": " + opened.error().message);
  REQUIRE(opened.ok());
  return opened.value();
}

// A trace that lives as long as its file.
struct TextTrace {
  explicit TextTrace(std::string_view text, trace::OpenOptions options = {.format = "lackey"})
      : file(".lackey", text), trace(open_or_fail(file.path(), std::move(options))) {}
  TemporaryFile file;
  std::shared_ptr<trace::Trace> trace;
};

inline bool same_counts(const trace::TraceCounts& a, const trace::TraceCounts& b) {
  return a.records == b.records && a.instructions == b.instructions && a.fetches == b.fetches &&
         a.loads == b.loads && a.stores == b.stores && a.modifies == b.modifies && a.crossing == b.crossing;
}

}  // namespace pw::test
