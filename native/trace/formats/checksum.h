// SPDX-License-Identifier: MIT
// XXH64 (Collet, xxHash specification 0.2.0), fed in pieces: the checksum of the packed format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pw::trace {

class Checksum {
 public:
  Checksum();
  Checksum& add(std::string_view bytes);
  std::uint64_t value() const;

 private:
  static constexpr std::size_t kStripe = 32;

  std::array<std::uint64_t, 4> lanes_;
  std::array<char, kStripe> tail_{};
  std::size_t tail_bytes_ = 0;
  std::uint64_t total_ = 0;
};

inline std::uint64_t checksum_of(std::string_view bytes) { return Checksum().add(bytes).value(); }

}  // namespace pw::trace
