// SPDX-License-Identifier: MIT
// A number of a configuration that people may set: its range, unit and default, declared once for checks, JavaScript
// and documents.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pw {

// Of one event: sums of simulated time stay exact as numbers of JavaScript.
inline constexpr std::uint64_t kMostNanoseconds = 1'000'000'000'000;

template <class Config>
struct NumberOption {
  std::string_view name;  // as in JavaScript: "overcommit.ratio"
  std::uint64_t least = 0;
  std::uint64_t most = 0;  // at most 2^53, both bounds are allowed values
  std::string_view unit;   // of many: "pages"; empty for plain numbers
  std::uint64_t (*value)(const Config& config);

  // What a configuration has that nobody touched.
  std::uint64_t standard() const { return value(Config{}); }
};

Error number_out_of_range(std::string_view name, std::uint64_t least, std::uint64_t most,
                          std::string_view unit, std::uint64_t came);

// Every number outside its range.
template <class Config>
void check_numbers(std::span<const NumberOption<Config>> options, const Config& config,
                   std::vector<Error>& errors) {
  for (const NumberOption<Config>& option : options)
    if (const std::uint64_t value = option.value(config); value < option.least || value > option.most)
      errors.push_back(number_out_of_range(option.name, option.least, option.most, option.unit, value));
}

}  // namespace pw
