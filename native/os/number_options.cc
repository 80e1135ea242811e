// SPDX-License-Identifier: MIT
// The numbers of a system of processes that people may set.
#include "os/system.h"

namespace pw::os {
namespace {

constexpr std::uint64_t kMaxNumber = (1ull << 32) - 1;
using Config = SystemConfig;

constexpr NumberOption<Config> kOptions[] = {
    {"levels", 4, 5, "", [](const Config& c) -> std::uint64_t { return c.kernel.levels; }},
    {"validateEvery", 0, kMaxNumber, "faults", [](const Config& c) { return c.validate_every; }},
    {"overcommit.ratio", 0, 1000, "percent",
     [](const Config& c) { return c.kernel.overcommit.ratio_percent; }},
    {"overcommit.adminReserve", 0, kMaxNumber, "pages",
     [](const Config& c) { return c.kernel.overcommit.admin_reserve_pages; }},
    {"overcommit.userReserve", 0, kMaxNumber, "pages",
     [](const Config& c) { return c.kernel.overcommit.user_reserve_pages; }},
    {"maxMapCount", 0, kMaxNumber, "VMAs",
     [](const Config& c) -> std::uint64_t { return c.kernel.max_map_count; }},
    {"violationsKept", 0, kMaxNumber, "violations",
     [](const Config& c) -> std::uint64_t { return c.violations_kept; }},
    {"faultCost.minor", 0, kMostNanoseconds, "ns", [](const Config& c) { return c.costs.minor_ns; }},
    {"faultCost.major", 0, kMostNanoseconds, "ns", [](const Config& c) { return c.costs.major_ns; }},
    {"faultCost.zero", 0, kMostNanoseconds, "ns", [](const Config& c) { return c.costs.zero_ns; }},
    {"faultCost.copy", 0, kMostNanoseconds, "ns", [](const Config& c) { return c.costs.copy_ns; }},
    {"fileReadLatency", 0, kMostNanoseconds, "ns", [](const Config& c) { return c.kernel.file_read_ns; }},
};

}  // namespace

std::span<const NumberOption<SystemConfig>> number_options() { return kOptions; }

}  // namespace pw::os
