// SPDX-License-Identifier: MIT
// How long something takes on the host.
#pragma once

#include <chrono>

namespace pw {

using WallClock = std::chrono::steady_clock;

inline double seconds_since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

}  // namespace pw
