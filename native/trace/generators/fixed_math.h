// SPDX-License-Identifier: MIT
// Exponential and logarithm from additions, multiplications and divisions alone, in a fixed order, so that a
// generator's stream is the same on every platform; the libraries' versions differ in the last bits.
// Good to about 1e-14, which is far below what a draw of 53 bits shows.
#pragma once

#include <bit>
#include <cstdint>

namespace pw::trace {

inline constexpr double kLn2 = 0x1.62e42fefa39efp-1;

// REQUIRES: x > 0 and normal.
inline double fixed_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);  // in [1, 2)
  if (m > 1.4142135623730951) m /= 2, ++exponent;
  // log m = 2 artanh((m - 1) / (m + 1)), of which the argument is at most 0.172.
  const double z = (m - 1) / (m + 1);
  const double square = z * z;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * z * sum + exponent * kLn2;
}

// REQUIRES: |x| < 700.
inline double fixed_exp(double x) {
  const int twos = static_cast<int>(x / kLn2 + (x < 0 ? -0.5 : 0.5));
  const double rest = x - twos * kLn2;  // at most 0.35
  double sum = 1;
  for (int k = 17; k >= 1; --k) sum = sum * rest / k + 1;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(twos + 1023) << 52);
}

// (exp(x) - 1) / x, smooth through 0.
inline double expm1_ratio(double x) {
  if (x > 1e-4 || x < -1e-4) return (fixed_exp(x) - 1) / x;
  return 1 + x / 2 * (1 + x / 3 * (1 + x / 4));
}

// log(1 + x) / x, smooth through 0. REQUIRES: x >= -1.
inline double log1p_ratio(double x) {
  constexpr double kLeast = -0x1.fffffffffffffp-1;  // -1 itself has no logarithm
  if (x < kLeast) x = kLeast;
  if (x > 1e-4 || x < -1e-4) return fixed_log(1 + x) / x;
  return 1 - x * (1.0 / 2 - x * (1.0 / 3 - x / 4));
}

}  // namespace pw::trace
