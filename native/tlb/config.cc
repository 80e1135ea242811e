// SPDX-License-Identifier: MIT
#include "tlb/config.h"

#include "tlb/any_ways.h"
#include "tlb/hierarchy.h"

namespace pw::tlb {
namespace {

constexpr NumberOption<ArrayConfig> kArrayOptions[] = {
    {"tlb.entries", 1, kMaxEntries, "entries",
     [](const ArrayConfig& c) -> std::uint64_t { return c.entries; }},
};

constexpr NumberOption<StructureCacheConfig> kStructureCacheOptions[] = {
    {"psc.pml4e", 0, kMaxStructureEntries, "entries",
     [](const StructureCacheConfig& c) -> std::uint64_t { return c.pml4e; }},
    {"psc.pdpte", 0, kMaxStructureEntries, "entries",
     [](const StructureCacheConfig& c) -> std::uint64_t { return c.pdpte; }},
    {"psc.pde", 0, kMaxStructureEntries, "entries",
     [](const StructureCacheConfig& c) -> std::uint64_t { return c.pde; }},
};

Error geometry(const TlbConfig& tlb, const ArrayConfig& array, const std::string& expected) {
  return {ErrorCode::InvalidGeometry, "tlb " + tlb.name + ": expected " + expected + ", got " +
                                          std::to_string(array.entries) + " entries in " +
                                          std::to_string(array.ways) + " ways"};
}

void check_array(const TlbConfig& tlb, const ArrayConfig& array, WayChoice choice,
                 std::vector<Error>& errors) {
  if (array.entries == 0 || array.ways == 0)
    errors.push_back(geometry(tlb, array, "at least one entry and one way"));
  else if (array.entries % array.ways != 0)
    errors.push_back(
        geometry(tlb, array, "entries that are a multiple of the ways (a whole number of sets)"));
  else if (array.entries > kMaxEntries)
    errors.push_back(geometry(tlb, array, "at most " + std::to_string(kMaxEntries) + " entries"));
  else if (choice == WayChoice::TreePlru && array.ways > TreePlruWays::kMaxWays)
    errors.push_back(geometry(tlb, array, "at most 64 ways for tree-plru"));
}

void check_page_sizes(const TlbConfig& tlb, std::vector<Error>& errors) {
  for (std::size_t size = 0; size < kPageSizes; ++size) {
    int serving = 0;
    for (const ArrayConfig& array : tlb.arrays) serving += array.serves[size];
    if (serving > 1)
      errors.push_back({ErrorCode::InvalidConfig, "tlb " + tlb.name + ": expected one array for pages of " +
                                                      std::string(name_of(static_cast<PageSize>(size))) +
                                                      ", got " + std::to_string(serving)});
  }
}

}  // namespace

std::vector<Error> check(const HierarchyConfig& config) {
  std::vector<Error> errors;
  for (const TlbConfig& tlb : config.tlbs) {
    if (tlb.level < 1 || tlb.level > kMaxLevels)
      errors.push_back({ErrorCode::InvalidConfig, "tlb " + tlb.name + ": expected a level from 1 to " +
                                                      std::to_string(kMaxLevels) + ", got " +
                                                      std::to_string(tlb.level)});
    for (const ArrayConfig& array : tlb.arrays) check_array(tlb, array, config.way_choice, errors);
    check_page_sizes(tlb, errors);
  }
  for (std::size_t i = 0; i < config.tlbs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      for (std::size_t kind = 0; kind < kAccessKinds; ++kind)
        if (config.tlbs[i].level == config.tlbs[j].level && config.tlbs[i].kinds[kind] &&
            config.tlbs[j].kinds[kind])
          errors.push_back({ErrorCode::InvalidConfig,
                            "tlb " + config.tlbs[i].name +
                                ": expected one TLB a level for each kind of access, but " +
                                config.tlbs[j].name + " serves " +
                                std::string(name_of(static_cast<AccessKind>(kind))) + " at that level too"});
  return errors;
}

std::vector<Error> check(const StructureCacheConfig& config) {
  std::vector<Error> errors;
  check_numbers(structure_cache_options(), config, errors);
  return errors;
}

std::span<const NumberOption<ArrayConfig>> array_options() { return kArrayOptions; }

std::span<const NumberOption<StructureCacheConfig>> structure_cache_options() {
  return kStructureCacheOptions;
}

}  // namespace pw::tlb
