// SPDX-License-Identifier: MIT
// What another thread may do to a simulation while it runs: see how far it is, and end it.
#pragma once

#include <atomic>
#include <cstdint>

namespace pw::analysis {

struct Watch {
  const std::atomic<bool>* abort = nullptr;
  std::atomic<std::uint64_t>* served = nullptr;  // references, of all simulations that share it

  bool is_aborted() const { return abort && abort->load(std::memory_order_relaxed); }
  void add(std::uint64_t references) const {
    if (served) served->fetch_add(references, std::memory_order_relaxed);
  }
};

}  // namespace pw::analysis
