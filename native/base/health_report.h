// SPDX-License-Identifier: MIT
// What a check of invariants looked at and what it found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pw {

struct HealthCheck {
  std::string_view name;     // a literal
  std::string_view counted;  // of what `checked` is the number: "frames"
  std::uint64_t checked = 0;
  std::vector<std::string> problems = {};  // each one sentence

  void add(std::vector<std::string> more);
};

using HealthReport = std::vector<HealthCheck>;

// Of all checks, in order. Empty: healthy.
std::vector<std::string> problems_of(const HealthReport& report);
// " (and 3 more)", or nothing where there is one problem only.
std::string more_of(const std::vector<std::string>& problems);

}  // namespace pw
