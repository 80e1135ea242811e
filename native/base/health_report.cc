// SPDX-License-Identifier: MIT
#include "base/health_report.h"

#include <iterator>

namespace pw {

void HealthCheck::add(std::vector<std::string> more) {
  problems.insert(problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<std::string> problems_of(const HealthReport& report) {
  std::vector<std::string> problems;
  for (const HealthCheck& check : report)
    problems.insert(problems.end(), check.problems.begin(), check.problems.end());
  return problems;
}

std::string more_of(const std::vector<std::string>& problems) {
  return problems.size() < 2 ? "" : " (and " + std::to_string(problems.size() - 1) + " more)";
}

}  // namespace pw
