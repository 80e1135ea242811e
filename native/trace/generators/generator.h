// SPDX-License-Identifier: MIT
// What synthetic traces are made of: configuration, the context a generator draws from, the table.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "base/rng.h"

namespace pw::trace {

struct GeneratorConfig {
  std::string name = "uniform";
  std::uint64_t accesses = 1'000'000;
  std::uint64_t bytes = std::uint64_t{64} << 20;  // footprint, from `base` on
  std::uint64_t base = 0x10000000;                // address of its first byte
  double stores = 0;                              // fraction of the accesses; gups modifies instead
  std::uint64_t seed = 0;
  double exponent = 1;                 // zipf: popularity of the k-th page is k to the minus this
  std::uint64_t stride = kFrameBytes;  // strided: bytes from one access to the next
  std::uint64_t phase = 100'000;       // phases: accesses before the working set moves
};

// One parameter of GeneratorConfig, for documents, help texts and checks.
struct GeneratorParam {
  std::string_view name;
  double standard;
  double least;
  double most;
  std::string_view unit;
  std::string_view summary;
};

// Yields offsets into the footprint, one after the other.
class Generator {
 public:
  virtual ~Generator() = default;
  virtual std::uint64_t next_offset() = 0;
};

struct GeneratorInfo {
  std::string_view name;
  std::string_view summary;
  std::span<const GeneratorParam> params;  // besides those that all have
  bool modifies;                           // reads and writes what it touches, in one access
  std::unique_ptr<Generator> (*make)(const GeneratorConfig& config);
};

std::span<const GeneratorInfo> generators();
std::span<const GeneratorParam> common_generator_params();
// Every access takes so many bytes, aligned: no access crosses a page.
inline constexpr std::uint64_t kWordBytes = 8;
// OUT_OF_RANGE or UNKNOWN_NAME with what was expected.
Result<const GeneratorInfo*> check_generator(const GeneratorConfig& config);

}  // namespace pw::trace
