// SPDX-License-Identifier: MIT
// Runs the registered tests, all or those whose name contains the first argument, and sums up in one line.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "support/test.h"

namespace pw::test {
namespace {

enum class Outcome { Passed, Failed, Skipped };

unsigned failures_of_test = 0;

Outcome run(const Test& test) {
  failures_of_test = 0;
  try {
    test.body();
  } catch (const Ended&) {
  } catch (const Skipped& skipped) {
    std::printf("skipped %s: %s\n", test.name, skipped.reason.c_str());
    if (failures_of_test == 0) return Outcome::Skipped;
  } catch (const std::exception& error) {
    record_failure(test.file, test.line, std::string("uncaught exception: ") + error.what());
  } catch (...) {
    record_failure(test.file, test.line, "uncaught exception of unknown type");
  }
  if (failures_of_test == 0) return Outcome::Passed;
  std::printf("FAILED %s\n", test.name);
  return Outcome::Failed;
}

// "…/phys_test.exe" tests the suite "phys".
std::string suite_of(std::string_view program) {
  program = program.substr(program.find_last_of("/\\") + 1);
  const auto end = program.rfind("_test");
  return std::string(program.substr(0, end));
}

}  // namespace

std::vector<Test>& registry() {
  static std::vector<Test> tests;
  return tests;
}

void record_failure(const char* file, int line, const std::string& what) {
  ++failures_of_test;
  std::printf("%s:%d: %s\n", file, line, what.c_str());
}

}  // namespace pw::test

int main(int argc, char** argv) {
  using namespace pw::test;
  const std::string_view filter = argc > 1 ? argv[1] : "";
  unsigned counts[3] = {};
  for (const Test& test : registry()) {
    if (std::string_view(test.name).find(filter) == std::string_view::npos) continue;
    ++counts[static_cast<unsigned>(run(test))];
    std::fflush(stdout);  // a crash in the next test must not swallow these lines
  }
  std::printf("native %s: %u passed, %u failed, %u skipped\n", suite_of(argv[0]).c_str(), counts[0],
              counts[1], counts[2]);
  const bool ran = counts[0] + counts[1] + counts[2] > 0;
  return counts[1] == 0 && ran ? 0 : 1;
}
