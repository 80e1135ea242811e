// SPDX-License-Identifier: MIT
// Short spellings for the geometry of a preset, so that each preset reads as the vendor's table does.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "tlb/config.h"

namespace pw::machine {

using enum PageSize;

inline constexpr std::array<bool, kAccessKinds> kFetches{true, false, false, false};
inline constexpr std::array<bool, kAccessKinds> kLoads{false, true, false, false};
// A modify needs the right to write, so a split store TLB translates it.
inline constexpr std::array<bool, kAccessKinds> kStores{false, false, true, true};
inline constexpr std::array<bool, kAccessKinds> kData{false, true, true, true};
inline constexpr std::array<bool, kAccessKinds> kAll{true, true, true, true};

inline tlb::ArrayConfig array(std::uint32_t entries, std::uint32_t ways,
                              std::initializer_list<PageSize> sizes) {
  tlb::ArrayConfig config{entries, ways, {}};
  for (const PageSize size : sizes) config.serves[static_cast<std::size_t>(size)] = true;
  return config;
}

inline tlb::ArrayConfig fully_associative(std::uint32_t entries, std::initializer_list<PageSize> sizes) {
  return array(entries, entries, sizes);
}

inline tlb::TlbConfig tlb_of(std::string name, unsigned level, std::array<bool, kAccessKinds> kinds,
                             std::vector<tlb::ArrayConfig> arrays) {
  return {std::move(name), level, kinds, std::move(arrays)};
}

}  // namespace pw::machine
