// SPDX-License-Identifier: MIT
#include "base/number_option.h"

namespace pw {

Error number_out_of_range(std::string_view name, std::uint64_t least, std::uint64_t most,
                          std::string_view unit, std::uint64_t came) {
  std::string text =
      std::string(name) + ": expected " + std::to_string(least) + " to " + std::to_string(most);
  if (!unit.empty()) (text += ' ') += unit;
  return {ErrorCode::OutOfRange, text + ", got " + std::to_string(came)};
}

}  // namespace pw
