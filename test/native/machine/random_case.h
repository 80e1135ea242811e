// SPDX-License-Identifier: MIT
// Random configurations and streams for the differential test: small, and shaped to hit the corners.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "base/access.h"
#include "base/rng.h"
#include "machine/config.h"

namespace pw::test {

struct Case {
  machine::Config config;
  std::vector<PackedAccess> words;
};

inline std::uint32_t between(Rng& rng, std::uint64_t low, std::uint64_t high) {
  return static_cast<std::uint32_t>(low + rng.below(high - low + 1));
}
inline bool one_in(Rng& rng, unsigned n) { return rng.below(n) == 0; }

// --- configurations ----------------------------------------------------------------------------------

// Usual: what processors have, in sets that are a power of two. Odd: few sets of few ways, sets of any
// number, sometimes fully associative and wide.
enum class Geometry { Usual, Odd };

inline tlb::ArrayConfig random_array(Rng& rng, PageSize size, Geometry geometry) {
  static constexpr std::uint32_t kUsualWays[] = {4, 4, 8, 12, 16, 6, 5};
  const bool wide = one_in(rng, 4);
  std::uint32_t ways = wide ? between(rng, 15, 64) : between(rng, 1, 6);
  std::uint32_t sets = wide && !one_in(rng, 3) ? 1 : between(rng, 1, 7);
  if (geometry == Geometry::Usual) {
    ways = kUsualWays[rng.below(std::size(kUsualWays))];
    sets = 1u << rng.below(4);
  }
  tlb::ArrayConfig array{ways * sets, ways, {}};
  array.serves[static_cast<std::size_t>(size)] = true;
  return array;
}

inline tlb::TlbConfig random_tlb(Rng& rng, const std::string& name, unsigned level, const std::string& kinds,
                                 PageSize size, Geometry geometry) {
  tlb::TlbConfig tlb{name, level, {}, {random_array(rng, size, geometry)}};
  for (unsigned kind = 0; kind < kAccessKinds; ++kind)
    tlb.kinds[kind] = kinds.find("flsm"[kind]) != std::string::npos;
  const auto other = static_cast<PageSize>((static_cast<unsigned>(size) + 1) % kPageSizes);
  if (one_in(rng, 4)) tlb.arrays.push_back(random_array(rng, other, geometry));
  if (one_in(rng, 6)) tlb.arrays[0].serves[static_cast<std::size_t>(other)] = tlb.arrays.size() == 1;
  if (one_in(rng, 20)) tlb.arrays.erase(tlb.arrays.begin());  // serves no page of the size
  return tlb;
}

inline tlb::HierarchyConfig random_hierarchy(Rng& rng, PageSize size) {
  static const std::vector<std::vector<std::vector<std::string>>> kShapes = {
      // levels, each a list of kinds served: fetch, load, store, modify
      {{"f", "lsm"}, {"flsm"}},
      {{"f", "lsm"}, {"flsm"}},
      {{"flsm"}, {"flsm"}},
      {{"f", "l", "sm"}, {"flsm"}},
      {{"f", "lm", "s"}, {"f", "lsm"}},
      {{"f", "lsm"}, {"f", "lsm"}},
      {{"f", "lsm"}},
      {{"f"}, {"flsm"}},
      {{"lsm"}, {"flsm"}, {"flsm"}},
      {{}, {"flsm"}},
      {{"f", "lsm"}, {"lsm"}, {"flsm"}, {"flsm"}},
      {},
  };
  tlb::HierarchyConfig hierarchy;
  const Geometry geometry = one_in(rng, 2) ? Geometry::Usual : Geometry::Odd;
  const auto& shape = kShapes[rng.below(kShapes.size())];
  for (unsigned level = 0; level < shape.size(); ++level)
    for (const std::string& kinds : shape[level])
      hierarchy.tlbs.push_back(
          random_tlb(rng, "l" + std::to_string(level + 1) + kinds, level + 1, kinds, size, geometry));
  static constexpr tlb::WayChoice kChoices[] = {tlb::WayChoice::Lru, tlb::WayChoice::Lru,
                                                tlb::WayChoice::Fifo, tlb::WayChoice::TreePlru,
                                                tlb::WayChoice::Srrip};
  hierarchy.way_choice = kChoices[rng.below(std::size(kChoices))];
  return hierarchy;
}

inline machine::Config random_config(Rng& rng) {
  machine::Config config;
  static const char* const kPolicies[] = {"fifo", "lru", "lru", "clock", "clock:bits=2", "clock:bits=8"};
  const unsigned size = between(rng, 0, 9);
  config.page_size = size == 9 ? PageSize::Size1GiB : size >= 7 ? PageSize::Size2MiB : PageSize::Size4KiB;
  // Room for all pages of any stream, and no more than that: boot and validation take time.
  static constexpr std::uint64_t kMemory[kPageSizes] = {64ull << 20, 2ull << 30, 64ull << 30};
  config.memory_bytes = kMemory[static_cast<std::size_t>(config.page_size)];
  config.tlb = random_hierarchy(rng, config.page_size);
  config.structure_caches = {between(rng, 0, 3), between(rng, 0, 4), between(rng, 0, 8)};
  config.policy = kPolicies[rng.below(std::size(kPolicies))];
  if (!one_in(rng, 5)) config.resident_limit = between(rng, 1, 40);
  // The first level goes ahead of the others, until the memory is about to be full.
  if (one_in(rng, 2)) {
    config.tables_in_reach = 0;
    if (config.resident_limit != 0 && one_in(rng, 2)) config.resident_limit += 64;
  }
  if (config.page_size == PageSize::Size4KiB && one_in(rng, 4))
    config.memory_bytes = between(rng, 8, 64) * 4096ull;
  config.observe = one_in(rng, 3) ? machine::Observe::Hardware : machine::Observe::Exact;
  config.modify = one_in(rng, 3) ? machine::Modify::Twice : machine::Modify::Once;
  if (one_in(rng, 3)) config.structure_caches_on_evict = machine::StructureCachesOnEvict::None;
  config.levels = one_in(rng, 4) ? 5 : 4;
  return config;
}

// --- streams -----------------------------------------------------------------------------------------

// Pages apart in every level of the tables, both halves of the address space, and neighbors.
inline std::vector<VirtAddr> random_pages(Rng& rng, const machine::Config& config) {
  const std::uint64_t step = bytes_of(config.page_size);
  static constexpr std::uint64_t kBases[] = {0,
                                             0x400000,
                                             0x7fff'c000'0000,
                                             0xffff'8000'0000'0000,
                                             0xffff'ffff'c000'0000,
                                             0x10'0000'0000,
                                             0x80'0000'0000};
  std::vector<std::uint64_t> bases = {kBases[rng.below(std::size(kBases))]};
  while (one_in(rng, 2)) bases.push_back(kBases[rng.below(std::size(kBases))]);
  if (config.levels == 5 && one_in(rng, 2)) bases.push_back(0x00ff'0000'0000'0000);
  std::vector<VirtAddr> pages;
  const std::uint64_t stride = one_in(rng, 4) ? between(rng, 1, 600) : 1;
  const bool few = config.page_size == PageSize::Size1GiB || !one_in(rng, 3);
  const std::uint64_t count = few ? between(rng, 1, 30) : between(rng, 30, 300);
  for (std::uint64_t i = 0; i < count; ++i) {
    const VirtAddr page((bases[i % bases.size()] & ~(step - 1)) + i / bases.size() * stride % 2048 * step);
    pages.push_back(is_canonical(page, 12 + 9 * config.levels) ? page : VirtAddr(i * step));
  }
  return pages;
}

// The index of the next page: uniform, skewed, a loop, or a loop that wanders.
class Walk {
 public:
  Walk(Rng& rng, std::size_t pages)
      : rng_(rng), pages_(pages), shape_(rng.below(4)), length_(between(rng, 1, pages)) {}
  std::size_t next() {
    ++at_;
    if (shape_ == 0) return rng_.below(pages_);
    if (shape_ == 1) return rng_.below(rng_.below(rng_.below(pages_) + 1) + 1);
    if (shape_ == 2) return at_ % length_;
    return one_in(rng_, 8) ? at_ = rng_.below(pages_) : (at_ - rng_.below(2)) % pages_;
  }

 private:
  Rng& rng_;
  std::size_t pages_;
  std::uint64_t shape_;
  std::size_t length_;
  std::size_t at_ = 0;
};

inline std::vector<PackedAccess> random_words(Rng& rng, const machine::Config& config, std::size_t accesses) {
  const auto pages = random_pages(rng, config);
  const std::uint64_t step = bytes_of(config.page_size);
  static constexpr const char* kMixes[] = {"fl", "l", "fflsm", "lsm", "m", "llllllls", "s", "flllm"};
  const std::string mix = kMixes[rng.below(std::size(kMixes))];
  const unsigned repeat = between(rng, 1, 6), crossing = between(rng, 2, 40);
  Walk walk(rng, pages.size());
  std::vector<PackedAccess> words;
  while (words.size() < accesses) {
    const VirtAddr page = pages[walk.next()];
    for (unsigned run = between(rng, 1, repeat); run > 0; --run) {
      const auto kind = static_cast<AccessKind>(std::string("flsm").find(mix[rng.below(mix.size())]));
      if (!one_in(rng, crossing)) {
        words.push_back(pack(VirtAddr(page.value() + rng.below(step)), kind));
        continue;
      }
      // An access that crosses 4 KiB: inside the page if it is a larger one, or out of it.
      const std::uint64_t inner = one_in(rng, 2) ? step : (rng.below(step / 4096) + 1) * 4096;
      const VirtAddr second(page.value() + inner);
      if (!is_canonical(second, 12 + 9 * config.levels)) continue;
      words.push_back(pack(VirtAddr(second.value() - 1), kind));
      words.push_back(pack(second, kind, Half::Second));
    }
  }
  return words;
}

inline Case random_case(std::uint64_t seed) {
  Rng rng(seed);
  Case made{random_config(rng), {}};
  made.words = random_words(rng, made.config, between(rng, 1, 700));
  // Refusals in the middle must leave the machine as usable as it was.
  if (made.config.levels == 4 && one_in(rng, 8))
    made.words.insert(made.words.begin(), pack(VirtAddr(0x0001'0000'0000'0000), AccessKind::Load));
  return made;
}

// --- showing -----------------------------------------------------------------------------------------

inline std::string show_tlb(const tlb::TlbConfig& tlb) {
  std::ostringstream out;
  out << "\n  " << tlb.name << " level " << tlb.level;
  for (const tlb::ArrayConfig& array : tlb.arrays)
    out << ' ' << array.entries << 'x' << array.ways << " sizes " << array.serves[0] << array.serves[1]
        << array.serves[2];
  return out.str();
}

inline std::string show_case(const Case& failed) {
  const machine::Config& config = failed.config;
  std::ostringstream out;
  out << "policy " << config.policy << " limit " << config.resident_limit << " memory " << config.memory_bytes
      << " page " << name_of(config.page_size) << " levels " << config.levels << " hardware "
      << (config.observe == machine::Observe::Hardware) << " twice "
      << (config.modify == machine::Modify::Twice) << " keep-psc "
      << (config.structure_caches_on_evict == machine::StructureCachesOnEvict::None) << " psc "
      << config.structure_caches.pml4e << '/' << config.structure_caches.pdpte << '/'
      << config.structure_caches.pde << " way-choice " << static_cast<unsigned>(config.tlb.way_choice);
  for (const tlb::TlbConfig& tlb : config.tlb.tlbs) out << show_tlb(tlb);
  out << "\n  " << failed.words.size() << " words:";
  for (std::size_t i = 0; i < failed.words.size() && i < 60; ++i)
    out << ' ' << "FLSM"[static_cast<unsigned>(kind_of(failed.words[i]))] << std::hex
        << address_of(failed.words[i]).value() << std::dec << (is_second_half(failed.words[i]) ? "+" : "");
  return out.str();
}

}  // namespace pw::test
