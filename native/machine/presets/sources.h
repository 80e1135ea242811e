// SPDX-License-Identifier: MIT
// Source strings that several presets share.
#pragma once

#include <string_view>

namespace pw::machine {

inline constexpr std::string_view kCostL1 =
    "an L1 TLB hit is overlapped with the cache access: no cycles of its own";
inline constexpr std::string_view kCostWalkReference =
    "assumed: one entry read mostly from the L2 cache, sometimes from farther; not published, varies with "
    "the "
    "program";
inline constexpr std::string_view kCostMinorFault =
    "assumed: about half a microsecond for entry, zero fill and return at 3 GHz; depends on the operating "
    "system";
inline constexpr std::string_view kCostMajorFault =
    "assumed: about 80 microseconds for one page from a solid-state disk at 3 GHz; depends on the device";
inline constexpr std::string_view kCostInvalidation =
    "assumed: one INVLPG or TLBI on the local core; depends on the processor and its mitigations";
inline constexpr std::string_view kIntelStructureCaches =
    "not published by Intel; assumed, to be checked against measurements such as those of van Schaik et al. "
    "(RevAnC, 2017); "
    "use --psc for your own figure";

}  // namespace pw::machine
