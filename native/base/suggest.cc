// SPDX-License-Identifier: MIT
#include "base/suggest.h"

#include <algorithm>
#include <vector>

namespace pw {
namespace {

constexpr std::size_t kShortestPart = 3;  // shorter parts are in too many names

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

bool is_part_of(std::string_view asked, std::string_view name) {
  return asked.size() >= kShortestPart && lower(name).find(lower(asked)) != std::string::npos;
}

}  // namespace

std::size_t edit_distance(std::string_view from, std::string_view to) {
  const std::string a = lower(from);
  const std::string b = lower(to);
  // Rows i-2, i-1 and i of the table of distances between prefixes.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::optional<std::string_view> nearest_name(std::string_view asked,
                                             std::span<const std::string_view> names) {
  std::optional<std::string_view> nearest;
  std::size_t least = 0;
  for (const std::string_view name : names) {
    const std::size_t distance = edit_distance(asked, name);
    const std::size_t allowed = std::max<std::size_t>(1, name.size() / 3);
    if (distance > allowed && !is_part_of(asked, name)) continue;
    if (nearest && distance >= least) continue;
    nearest = name;
    least = distance;
  }
  return nearest;
}

Error unknown_name(std::string_view what, std::string_view asked, std::span<const std::string_view> names) {
  std::string message(what);
  message += ": expected one of ";
  for (std::size_t i = 0; i < names.size(); ++i) (message += i ? ", " : "") += names[i];
  ((message += ", got \"") += asked) += '"';
  if (const auto nearest = nearest_name(asked, names))
    ((message += "; did you mean \"") += *nearest) += "\"?";
  return {ErrorCode::UnknownName, message};
}

}  // namespace pw
