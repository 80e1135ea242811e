// SPDX-License-Identifier: MIT
// Independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace pw::analysis {

// Calls work(0) to work(count - 1), each once, begun in this order; this thread takes part. `threads` 0: as many
// as the host has cores. After one has thrown no other is begun, and what it threw is thrown here.
void work_off(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace pw::analysis
