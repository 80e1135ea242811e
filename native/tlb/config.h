// SPDX-License-Identifier: MIT
// What a TLB hierarchy is made of, as plain values: filled by presets and by options.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/access.h"
#include "base/address.h"
#include "base/number_option.h"
#include "base/result.h"

namespace pw::tlb {

// How a set chooses the way to fill: the names of --tlb-policy.
enum class WayChoice : std::uint8_t { Lru, Fifo, TreePlru, Random, Srrip };
inline constexpr std::size_t kWayChoices = 5;

// One set-associative array: `entries` in `ways`, for translations of the page sizes served.
struct ArrayConfig {
  std::uint32_t entries = 0;
  std::uint32_t ways = 0;
  std::array<bool, kPageSizes> serves{};  // indexed by PageSize
};

// One TLB: its arrays share the kinds of access and the level.
struct TlbConfig {
  std::string name;                        // "l1i", "l1d", "l2", or a split one's own, such as "l1d-store"
  unsigned level = 1;                      // 1 is looked up first
  std::array<bool, kAccessKinds> kinds{};  // indexed by AccessKind
  std::vector<ArrayConfig> arrays;
};

struct HierarchyConfig {
  std::vector<TlbConfig> tlbs;
  WayChoice way_choice = WayChoice::Lru;
};

inline constexpr std::uint32_t kMaxEntries = 1u << 20;  // of an array
inline constexpr std::uint32_t kMaxStructureEntries = 1u << 15;

// Entries of the fully associative paging-structure caches; 0 means absent.
struct StructureCacheConfig {
  std::uint32_t pml4e = 0;
  std::uint32_t pdpte = 0;
  std::uint32_t pde = 0;
};

// Every rule that the configuration breaks, each naming the TLB and the array.
std::vector<Error> check(const HierarchyConfig& config);
std::vector<Error> check(const StructureCacheConfig& config);

std::span<const NumberOption<ArrayConfig>> array_options();
std::span<const NumberOption<StructureCacheConfig>> structure_cache_options();

}  // namespace pw::tlb
