// SPDX-License-Identifier: MIT
// Names, units and meaning of every statistic of the result document: the source of its documentation.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pw::stats {

enum class StatUnit : std::uint8_t {
  Accesses,
  Lookups,
  Walks,
  References,
  Faults,
  Pages,
  Frames,
  Events,
  Cycles,
  Seconds,
  PerSecond,
};
std::string_view name_of(StatUnit unit);

struct StatSpec {
  std::string_view path;  // in the document, dotted
  StatUnit unit;
  std::string_view meaning;  // one sentence
};

// In the order of the document.
std::span<const StatSpec> statistics();
// nullptr where there is none of this path.
const StatSpec* find_statistic(std::string_view path);

}  // namespace pw::stats
