// SPDX-License-Identifier: MIT
#include "base/decimal.h"

#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace pw {
namespace {

std::string_view point_of_locale() { return std::localeconv()->decimal_point; }

void replace_first(std::string& text, std::string_view from, std::string_view to) {
  if (const std::size_t at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

std::string decimal(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.15g", value);
  std::string text = digits;
  replace_first(text, point_of_locale(), ".");
  return text;
}

std::optional<double> parse_decimal(std::string_view text) {
  // What strtod takes besides: spaces, hexadecimal numbers, infinities.
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos)
    return std::nullopt;
  std::string copy(text);
  replace_first(copy, ".", point_of_locale());
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.data() + copy.size() || std::isinf(value)) return std::nullopt;
  return value;
}

}  // namespace pw
