// SPDX-License-Identifier: MIT
// The table of generators, and the checks that all of them need.
#include <algorithm>
#include <array>
#include <cmath>

#include "trace/generators/generator.h"
#include "trace/generators/phases.h"
#include "trace/generators/pointer_chase.h"
#include "trace/generators/sequential.h"
#include "trace/generators/strided.h"
#include "trace/generators/uniform.h"
#include "trace/generators/zipf.h"

namespace pw::trace {
namespace {

constexpr double kMaxFootprint = 0x1p46;  // base and footprint together fit the lower half of 48 bits
constexpr double kMaxCount = 0x1p53;

constexpr std::array<GeneratorParam, 5> kCommon = {{
    {"accesses", 1e6, 1, kMaxCount, "accesses", "how many accesses the trace has"},
    {"bytes", 64 << 20, 8, kMaxFootprint, "bytes", "the footprint"},
    {"base", 0x10000000, 0, kMaxFootprint, "address", "the first byte of the footprint"},
    {"stores", 0, 0, 1, "fraction", "how many of the accesses are stores"},
    {"seed", 0, 0, 0x1p64, "", "where the random choices start"},
}};
constexpr std::array<GeneratorParam, 1> kZipf = {
    {{"exponent", 1, 0, 8, "", "how much more popular pages are preferred; 0: not at all"}}};
constexpr std::array<GeneratorParam, 1> kStrided = {
    {{"stride", 4096, 8, kMaxFootprint, "bytes", "from one access to the next, a multiple of 8"}}};
constexpr std::array<GeneratorParam, 1> kPhases = {
    {{"phase", 1e5, 1, kMaxCount, "accesses", "how long one part of the footprint is used"}}};

template <class G>
std::unique_ptr<Generator> make(const GeneratorConfig& config) {
  return std::make_unique<G>(config);
}

constexpr std::array<GeneratorInfo, 7> kGenerators = {{
    {"sequential", "every word in turn", {}, false, make<Sequential>},
    {"strided", "one word every stride", kStrided, false, make<Strided>},
    {"uniform", "any word, each as likely", {}, false, make<Uniform>},
    {"zipf", "pages by popularity", kZipf, false, make<Zipf>},
    {"pointer-chase", "a random cycle through all pages", {}, false, make<PointerChase>},
    {"gups", "random updates of a table", {}, true, make<Uniform>},
    {"phases", "an eighth of the footprint at a time", kPhases, false, make<Phases>},
}};

double value_of(const GeneratorConfig& config, std::string_view param) {
  if (param == "accesses") return static_cast<double>(config.accesses);
  if (param == "bytes") return static_cast<double>(config.bytes);
  if (param == "base") return static_cast<double>(config.base);
  if (param == "stores") return config.stores;
  if (param == "exponent") return config.exponent;
  if (param == "stride") return static_cast<double>(config.stride);
  if (param == "phase") return static_cast<double>(config.phase);
  return static_cast<double>(config.seed);
}

std::string number(double value) {
  const bool whole = value == std::floor(value) && value < 0x1p63;
  return whole ? std::to_string(static_cast<std::uint64_t>(value)) : std::to_string(value);
}

Error out_of_range(std::string message) {
  return Error{.code = ErrorCode::OutOfRange, .message = std::move(message)};
}

Status check_params(const GeneratorConfig& config, std::span<const GeneratorParam> params) {
  for (const GeneratorParam& param : params) {
    const double value = value_of(config, param.name);
    if (value >= param.least && value <= param.most) continue;  // false for NaN
    return out_of_range("expected " + std::string(param.name) + " of generator " + config.name + " from " +
                        number(param.least) + " to " + number(param.most) + ", got " +
                        (value < 0 || std::isnan(value) ? std::to_string(value) : number(value)));
  }
  return Done{};
}

}  // namespace

std::span<const GeneratorInfo> generators() { return kGenerators; }
std::span<const GeneratorParam> common_generator_params() { return kCommon; }

Result<const GeneratorInfo*> check_generator(const GeneratorConfig& config) {
  const auto* found = std::ranges::find(kGenerators, config.name, &GeneratorInfo::name);
  if (found == kGenerators.end()) {
    std::string names;
    for (const GeneratorInfo& info : kGenerators)
      names += (names.empty() ? "" : ", ") + std::string(info.name);
    return Error{.code = ErrorCode::UnknownName,
                 .message = "unknown generator \"" + config.name + "\", expected one of " + names};
  }
  PW_TRY(check_params(config, kCommon));
  PW_TRY(check_params(config, found->params));
  if (config.bytes % kWordBytes != 0 || config.base % kFrameBytes != 0 || config.stride % kWordBytes != 0) {
    return out_of_range("expected bytes and stride in multiples of 8 and base in multiples of 4096");
  }
  return found;
}

}  // namespace pw::trace
