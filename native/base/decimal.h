// SPDX-License-Identifier: MIT
// Decimal numbers as text, with a point whatever the process's locale writes. Without streams: linked statically, the
// locales they bring along take hundreds of kilobytes. Without from_chars and to_chars, which some standard libraries
// lack for floating point.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pw {

// With as many digits as the value needs, 15 at most: integers up to there in full.
std::string decimal(double value);

// All of the text is a decimal number, with or without exponent; nullopt where it is not, or too large for a double.
std::optional<double> parse_decimal(std::string_view text);

}  // namespace pw
