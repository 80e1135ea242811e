// SPDX-License-Identifier: MIT
// What a program under valgrind finds mapped when it begins, from /proc/PID/maps (proc_pid_maps(5)).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "trace/event.h"

namespace pw::trace {

// A Begin and its Maps. The program's own mappings lie below valgrind's, and its stack lies above them. Of valgrind's
// only the code is taken, which holds a few functions that the program calls in place of its own. The page that valgrind
// maps for the heap, the one that may be written and executed, is the heap's beginning instead of a mapping.
std::vector<Event> events_of_maps(std::string_view maps, std::uint32_t pid);

}  // namespace pw::trace
