// SPDX-License-Identifier: MIT
#include "trace/formats/text_line.h"

#include "trace/formats/hex.h"

namespace pw::trace {
namespace {

constexpr std::size_t kShownCharacters = 80;

std::string escaped(char c) {
  if (c == '"' || c == '\\') return {'\\', c};
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  if (c >= ' ' && c <= '~') return {c};
  const auto byte = static_cast<unsigned char>(c);
  return {'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
}

}  // namespace

Number take_hex(std::string_view& text) {
  Number number;
  while (!text.empty() && value_of_hex_digit(text[0]) >= 0) {
    number.value = number.value << 4 | static_cast<unsigned>(value_of_hex_digit(text[0]));
    ++number.digits;
    text.remove_prefix(1);
  }
  return number;
}

Number take_decimal(std::string_view& text) {
  constexpr std::uint64_t kEnough = 1'000'000'000;  // larger than any size; keeps the value from wrapping
  Number number;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (number.value < kEnough) number.value = number.value * 10 + static_cast<unsigned>(text[0] - '0');
    ++number.digits;
    text.remove_prefix(1);
  }
  return number;
}

std::string_view without_line_end(std::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const std::string piece = escaped(c);
    if (out.size() + piece.size() > kShownCharacters + 1) return out + "\" and more";
    out += piece;
  }
  return out + "\"";
}

Error malformed_line(std::uint64_t line_number, std::string_view expected, std::string_view line) {
  return Error{.code = ErrorCode::TraceMalformed,
               .message = "expected " + std::string(expected) + ", got " + shown(without_line_end(line)),
               .line = line_number};
}

std::string_view expectation(AccessFault fault) {
  if (fault == AccessFault::NotCanonical) return "an address that is canonical for 57 bits";
  return "an access that ends within the canonical addresses";
}

}  // namespace pw::trace
