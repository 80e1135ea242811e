// SPDX-License-Identifier: MIT
// From a way choice by name to the class that makes it.
#pragma once

#include <memory>

#include "tlb/config.h"
#include "tlb/way_choice.h"

namespace pw::binding {

// Of<Ways> behind its base, for the ways asked for.
template <class Base, template <class> class Of, class... Arguments>
std::unique_ptr<Base> make_with(tlb::WayChoice choice, Arguments&&... arguments) {
  switch (choice) {
    case tlb::WayChoice::Fifo: return std::make_unique<Of<tlb::FifoWays>>(arguments...);
    case tlb::WayChoice::TreePlru: return std::make_unique<Of<tlb::TreePlruWays>>(arguments...);
    case tlb::WayChoice::Random: return std::make_unique<Of<tlb::RandomWays>>(arguments...);
    case tlb::WayChoice::Srrip: return std::make_unique<Of<tlb::SrripWays>>(arguments...);
    case tlb::WayChoice::Lru: break;
  }
  return std::make_unique<Of<tlb::LruWays>>(arguments...);
}

}  // namespace pw::binding
