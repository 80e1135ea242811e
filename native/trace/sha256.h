// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4), fed in pieces: names a trace's text whatever its compression.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pw::trace {

class Sha256 {
 public:
  void add(std::string_view bytes);
  // Lower-case hexadecimal digits of all bytes added so far.
  std::string hex() const;

 private:
  static constexpr std::size_t kBlock = 64;

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<char, kBlock> tail_{};
  std::size_t tail_bytes_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace pw::trace
