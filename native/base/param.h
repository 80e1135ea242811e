// SPDX-License-Identifier: MIT
// ParamSpec declares and documents a parameter at once; ParamValues are checked values, read from
// "name:key=value,key=value". Validation, types and help all come from the specs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pw {

enum class ParamType : std::uint8_t { Integer, Real };

struct ParamSpec {
  std::string_view name;
  double default_value = 0;
  double minimum = 0;  // both bounds are allowed values
  double maximum = 0;
  std::string_view unit;
  std::string_view summary;
  ParamType type = ParamType::Integer;
  std::string_view alias = {};  // another name that is accepted, from the literature or another tool
};

// A value for each spec, in the same order.
class ParamValues {
 public:
  ParamValues() = default;
  // The defaults.
  explicit ParamValues(std::span<const ParamSpec> specs);

  std::size_t size() const { return values_.size(); }
  double real(std::size_t index) const { return values_[index]; }
  std::int64_t integer(std::size_t index) const { return static_cast<std::int64_t>(values_[index]); }
  void set(std::size_t index, double value) { values_[index] = value; }

 private:
  std::vector<double> values_;
};

// "clock" of "clock:bits=2".
std::string_view name_of_spec(std::string_view text);

// The values of "name" or "name:key=value,…". Errors: UnknownName (with the nearest key),
// InvalidArgument (form, a key given twice), OutOfRange.
Result<ParamValues> parse_params(std::string_view text, std::span<const ParamSpec> specs);

// "an integer from 1 to 8 bits": what the parameter takes, for messages and help.
std::string describe_range(const ParamSpec& spec);

}  // namespace pw
