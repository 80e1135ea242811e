// SPDX-License-Identifier: MIT
#include "base/param.h"

#include <charconv>
#include <optional>

#include "base/decimal.h"
#include "base/suggest.h"

namespace pw {
namespace {

std::optional<double> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<double>(value);
}

Error error_at(ErrorCode code, std::string_view owner, std::string_view key, const std::string& what) {
  std::string message(owner);
  if (!key.empty()) (message += ": ") += key;
  return {code, (message += ": ") += what};
}

std::optional<std::size_t> index_of(std::string_view key, std::span<const ParamSpec> specs) {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == key || (!specs[i].alias.empty() && specs[i].alias == key)) return i;
  }
  return std::nullopt;
}

Error unknown_key(std::string_view owner, std::string_view key, std::span<const ParamSpec> specs) {
  if (specs.empty()) {
    return error_at(ErrorCode::UnknownName, owner, {},
                    "expected no parameters, got \"" + std::string(key) + '"');
  }
  std::vector<std::string_view> names;
  for (const ParamSpec& spec : specs) names.push_back(spec.name);
  return unknown_name("parameter of " + std::string(owner), key, names);
}

Result<double> parse_value(std::string_view owner, const ParamSpec& spec, std::string_view text) {
  const auto value = spec.type == ParamType::Integer ? parse_integer(text) : parse_decimal(text);
  const std::string expected = "expected " + describe_range(spec) + ", got ";
  if (!value) {
    return error_at(ErrorCode::InvalidArgument, owner, spec.name, expected + '"' + std::string(text) + '"');
  }
  if (!(*value >= spec.minimum && *value <= spec.maximum)) {
    return error_at(ErrorCode::OutOfRange, owner, spec.name, expected + std::string(text));
  }
  return *value;
}

// One "key=value" of the list.
Status parse_one(std::string_view owner, std::string_view item, std::span<const ParamSpec> specs,
                 std::vector<bool>& given, ParamValues& values) {
  const std::size_t equals = item.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return error_at(ErrorCode::InvalidArgument, owner, {},
                    "expected key=value, got \"" + std::string(item) + '"');
  }
  const std::string_view key = item.substr(0, equals);
  const auto index = index_of(key, specs);
  if (!index) return unknown_key(owner, key, specs);
  if (given[*index]) {
    return error_at(ErrorCode::InvalidArgument, owner, specs[*index].name,
                    "expected one value, got a second one");
  }
  given[*index] = true;
  PW_TRY_ASSIGN(const double value, parse_value(owner, specs[*index], item.substr(equals + 1)));
  values.set(*index, value);
  return Done{};
}

}  // namespace

ParamValues::ParamValues(std::span<const ParamSpec> specs) {
  for (const ParamSpec& spec : specs) values_.push_back(spec.default_value);
}

std::string_view name_of_spec(std::string_view text) { return text.substr(0, text.find(':')); }

Result<ParamValues> parse_params(std::string_view text, std::span<const ParamSpec> specs) {
  const std::string_view owner = name_of_spec(text);
  ParamValues values(specs);
  if (owner.size() == text.size()) return values;
  std::vector<bool> given(specs.size());
  std::string_view rest = text.substr(owner.size() + 1);
  for (;;) {
    const std::size_t comma = rest.find(',');
    PW_TRY(parse_one(owner, rest.substr(0, comma), specs, given, values));
    if (comma == std::string_view::npos) return values;
    rest.remove_prefix(comma + 1);
  }
}

std::string describe_range(const ParamSpec& spec) {
  std::string text = spec.type == ParamType::Integer ? "an integer from " : "a number from ";
  text += decimal(spec.minimum) + " to " + decimal(spec.maximum);
  if (!spec.unit.empty()) (text += ' ') += spec.unit;
  return text;
}

}  // namespace pw
