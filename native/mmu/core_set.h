// SPDX-License-Identifier: MIT
// A set of cores, by number.
#pragma once

#include <bitset>
#include <cstddef>

namespace pw::mmu {

class CoreSet {
 public:
  static constexpr std::size_t kMaxCores = 256;

  // REQUIRES: at most kMaxCores.
  static CoreSet first(std::size_t count) {
    CoreSet set;
    for (std::size_t core = 0; core < count; ++core) set.add(core);
    return set;
  }

  bool contains(std::size_t core) const { return cores_[core]; }
  std::size_t count() const { return cores_.count(); }
  void add(std::size_t core) { cores_.set(core); }
  void remove(std::size_t core) { cores_.reset(core); }

  // Calls visit(core) in the order of numbers; the set may lose the core that is visited.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t core = 0; core < kMaxCores; ++core)
      if (cores_[core]) visit(core);
  }

 private:
  std::bitset<kMaxCores> cores_;
};

}  // namespace pw::mmu
