// SPDX-License-Identifier: MIT
// Did-you-mean for names of policies, presets, formats and parameters.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pw {

// Insertions, deletions, replacements and exchanges of neighbors that make one word of the other,
// upper and lower case being the same (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The name that was probably meant: within a third of its length, or containing what was asked for.
// The first of equals; nullopt where nothing is near.
std::optional<std::string_view> nearest_name(std::string_view asked, std::span<const std::string_view> names);

// UnknownName: `<what>: expected one of a, b, c, got "x"; did you mean "y"?`
Error unknown_name(std::string_view what, std::string_view asked, std::span<const std::string_view> names);

}  // namespace pw
