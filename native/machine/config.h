// SPDX-License-Identifier: MIT
// What a machine is made of, resolved: presets and options have been applied.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/number_option.h"
#include "base/result.h"
#include "base/timing.h"
#include "phys/memory_map.h"
#include "policy/replacement/policy.h"
#include "tlb/config.h"

namespace pw::machine {

// How the replacement policy sees references.
enum class Observe : std::uint8_t { Exact, Hardware };
// Whether a modify is one lookup (a store) or two (a load, then a store).
enum class Modify : std::uint8_t { Once, Twice };
// What an eviction forgets in the paging-structure caches.
enum class StructureCachesOnEvict : std::uint8_t { All, None };

struct Config {
  std::string cpu = "intel-skylake-sp";
  tlb::HierarchyConfig tlb;
  tlb::StructureCacheConfig structure_caches;
  CostTable cost;
  std::uint64_t memory_bytes = 4ull << 30;
  std::vector<phys::MemoryRange> memory_map = {};  // in place of memory_bytes, where it has ranges
  std::uint64_t resident_limit = 0;  // pages of `page_size`; 0: the machine's memory is the limit
  std::string policy = "lru";        // name, or name:key=value,key=value
  Observe observe = Observe::Exact;
  Modify modify = Modify::Once;
  PageSize page_size = PageSize::Size4KiB;  // what demand paging maps
  StructureCachesOnEvict structure_caches_on_evict = StructureCachesOnEvict::All;
  unsigned levels = 4;  // 4 or 5 levels of page tables
  std::uint64_t seed = 0;
  // Up to so many tables the caches of the host hold the leaf entries that are in use: looking ahead for them costs more.
  std::uint64_t tables_in_reach = 384;
  std::uint64_t validate_every = 0;  // faults between two checks of every invariant; 0: none
  // Makes a policy that is not of the table; `policy` is then only its name. Called at boot and by reset().
  std::function<std::unique_ptr<policy::ReplacementPolicy>(const policy::PolicyContext&)> make_policy =
      nullptr;
};

// A named processor: geometry and cost, each field with its source.
struct Preset {
  std::string_view name;
  std::string_view summary;
  tlb::HierarchyConfig (*hierarchy)();
  tlb::StructureCacheConfig structure_caches;
  CostTable cost;
  std::vector<std::pair<std::string_view, std::string_view>> sources;  // field, where it was published
};

const std::vector<Preset>& presets();
const Preset* find_preset(std::string_view name);

// Every violation, not the first.
std::vector<Error> check(const Config& config);

// The numbers that people may set, those of TLBs and caches apart (tlb/config.h).
std::span<const NumberOption<Config>> number_options();
std::span<const NumberOption<CostTable>> cost_options();

}  // namespace pw::machine
