// SPDX-License-Identifier: MIT
// From a way choice by name to the class that makes it.
#pragma once

#include <memory>

#include "tlb/config.h"
#include "tlb/other_ways.h"

namespace pw::binding {

// Of<Ways> behind its base, for the ways asked for.
template <class Base, template <class> class Of, class... Arguments>
std::unique_ptr<Base> make_with(tlb::WayChoice choice, Arguments&&... arguments) {
  if (choice != tlb::WayChoice::Lru) return std::make_unique<Of<tlb::OtherWays>>(arguments...);
  return std::make_unique<Of<tlb::LruWays>>(arguments...);
}

}  // namespace pw::binding
