// SPDX-License-Identifier: MIT
// What the text formats share: numbers in a line, and showing a line in a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "trace/formats/batch.h"

namespace pw::trace {

// A number taken from the front of a text; `digits` 0 where there is none, too many where it overflows.
struct Number {
  std::uint64_t value = 0;
  unsigned digits = 0;
};
inline constexpr unsigned kMaxHexDigits = 16;
Number take_hex(std::string_view& text);
Number take_decimal(std::string_view& text);

// Without the line end, CR LF included.
std::string_view without_line_end(std::string_view line);

// In quotes, unprintable bytes escaped, cut after 80 characters.
std::string shown(std::string_view text);

// TRACE_MALFORMED: `expected` and what came.
Error malformed_line(std::uint64_t line_number, std::string_view expected, std::string_view line);

// What a reader of lines expected of an access that check_access() refuses.
std::string_view expectation(AccessFault fault);

}  // namespace pw::trace
