// SPDX-License-Identifier: MIT
// Whether everything that a system holds says of itself what is so.
#include <algorithm>
#include <utility>

#include "mm/address_space.h"
#include "mm/health.h"
#include "os/system.h"

namespace pw::os {

HealthReport System::health() {
  HealthReport report = mm::health(*kernel_);
  for (HealthCheck& check : cpu_.health(*kernel_)) report.push_back(std::move(check));
  HealthCheck processes{"processes", "processes", processes_.size()};
  std::size_t spaces = 0;
  kernel_->for_each_space([&](mm::AddressSpace&) { ++spaces; });
  std::vector<const mm::AddressSpace*> used;
  processes_.for_each([&](Process& process) {
    if (process.state() == ProcessState::Ended) return;
    if (std::find(used.begin(), used.end(), &process.space()) == used.end()) used.push_back(&process.space());
  });
  if (used.size() != spaces)
    processes.problems.push_back(std::to_string(spaces) + " address spaces exist, " +
                                 std::to_string(used.size()) + " have a process");
  report.push_back(std::move(processes));
  return report;
}

}  // namespace pw::os
