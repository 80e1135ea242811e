// SPDX-License-Identifier: MIT
#include "trace/formats/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "trace/formats/bytes.h"

namespace pw::trace {
namespace {

// The five primes of the specification; the seed is 0.
constexpr std::uint64_t kPrime1 = 0x9e3779b185ebca87;
constexpr std::uint64_t kPrime2 = 0xc2b2ae3d27d4eb4f;
constexpr std::uint64_t kPrime3 = 0x165667b19e3779f9;
constexpr std::uint64_t kPrime4 = 0x85ebca77c2b2ae63;
constexpr std::uint64_t kPrime5 = 0x27d4eb2f165667c5;

std::uint64_t round(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

void add_stripe(std::array<std::uint64_t, 4>& lanes, const char* stripe) {
  for (std::size_t i = 0; i < 4; ++i) lanes[i] = round(lanes[i], load<std::uint64_t>(stripe + 8 * i));
}

std::uint64_t merge(const std::array<std::uint64_t, 4>& lanes) {
  std::uint64_t hash =
      std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  for (const std::uint64_t lane : lanes) hash = (hash ^ round(0, lane)) * kPrime1 + kPrime4;
  return hash;
}

std::uint64_t add_tail(std::uint64_t hash, std::string_view tail) {
  for (; tail.size() >= 8; tail.remove_prefix(8)) {
    hash = std::rotl(hash ^ round(0, load<std::uint64_t>(tail.data())), 27) * kPrime1 + kPrime4;
  }
  if (tail.size() >= 4) {
    hash = std::rotl(hash ^ load<std::uint32_t>(tail.data()) * kPrime1, 23) * kPrime2 + kPrime3;
    tail.remove_prefix(4);
  }
  for (const char c : tail) hash = std::rotl(hash ^ static_cast<unsigned char>(c) * kPrime5, 11) * kPrime1;
  return hash;
}

std::uint64_t avalanche(std::uint64_t hash) {
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

}  // namespace

Checksum::Checksum() : lanes_{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1} {}

Checksum& Checksum::add(std::string_view bytes) {
  total_ += bytes.size();
  if (tail_bytes_ > 0) {
    const std::size_t taken = std::min(bytes.size(), kStripe - tail_bytes_);
    std::copy_n(bytes.data(), taken, tail_.data() + tail_bytes_);
    tail_bytes_ += taken;
    bytes.remove_prefix(taken);
    if (tail_bytes_ < kStripe) return *this;
    add_stripe(lanes_, tail_.data());
    tail_bytes_ = 0;
  }
  auto lanes = lanes_;
  for (; bytes.size() >= kStripe; bytes.remove_prefix(kStripe)) add_stripe(lanes, bytes.data());
  lanes_ = lanes;
  std::copy(bytes.begin(), bytes.end(), tail_.data());
  tail_bytes_ = bytes.size();
  return *this;
}

std::uint64_t Checksum::value() const {
  const std::uint64_t hash = total_ >= kStripe ? merge(lanes_) : kPrime5;
  return avalanche(add_tail(hash + total_, {tail_.data(), tail_bytes_}));
}

}  // namespace pw::trace
