// SPDX-License-Identifier: MIT
// Hexadecimal digits, eight at a time in a register, for the text formats' fast paths.
#pragma once

#include <array>
#include <cstdint>

namespace pw::trace {

inline constexpr std::uint64_t kEveryByte = 0x0101010101010101;

// Eight lower-case digits as loaded from memory. False if one of them is none.
constexpr bool are_hex_digits(std::uint64_t text) {
  const std::uint64_t low = text & 0x0f * kEveryByte;
  const std::uint64_t letter = text >> 6 & kEveryByte;
  const std::uint64_t column =
      (text & 0xf0 * kEveryByte) ^ (0x30 * kEveryByte + 0x30 * letter);                 // '0' or '`'
  const std::uint64_t above = (low + 6 * kEveryByte + 3 * letter) & 0x10 * kEveryByte;  // past '9' or 'f'
  const std::uint64_t below = ((low + 15 * letter) ^ letter << 4) & 0x10 * letter;      // '`' itself
  return (column | above | below) == 0;
}

// REQUIRES: are_hex_digits(text). The first digit lies in the lowest byte.
constexpr std::uint64_t value_of_hex(std::uint64_t text) {
  std::uint64_t v = (text & 0x0f * kEveryByte) + 9 * (text >> 6 & kEveryByte);
  v = (v << 4 | v >> 8) & 0x00ff00ff00ff00ff;
  v = (v << 8 | v >> 16) & 0x0000ffff0000ffff;
  return (v << 16 | v >> 32) & 0x00000000ffffffff;
}

// The value of one digit in either case, or -1.
constexpr int value_of_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace pw::trace
