// SPDX-License-Identifier: MIT
// The paging-structure caches against their naive twins, with real walks of real tables.
#include "tlb/structure_cache.h"

#include <vector>

#include "../paging/tables.h"
#include "base/rng.h"
#include "support/naive_tlb.h"

namespace pw::test {
namespace {

using paging::Level;

struct NaiveCaches {
  explicit NaiveCaches(const tlb::StructureCacheConfig& config)
      : pde(config.pde), pdpte(config.pdpte), pml4e(config.pml4e) {}

  // Where a walk starts; then everything read above the leaf is there.
  Level walk(std::uint64_t address, Level root, Level leaf) {
    Level level = root;
    if (pde.lookup(address >> 21))
      level = paging::kPt;
    else if (pdpte.lookup(address >> 30))
      level = paging::kPd;
    else if (pml4e.lookup(address >> 39))
      level = paging::kPdpt;
    if (level >= paging::kPml4) pml4e.insert(address >> 39);
    if (level >= paging::kPdpt && leaf < paging::kPdpt) pdpte.insert(address >> 30);
    if (level >= paging::kPd && leaf < paging::kPd) pde.insert(address >> 21);
    return level;
  }

  NaiveStructureCache pde, pdpte, pml4e;
};

// Pages that differ on every level, some of them neighbors, some sharing all but a few bits.
std::vector<VirtAddr> mapped_pages(Tables& tables, PageSize size, Rng& rng) {
  std::vector<VirtAddr> pages;
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t bits =
        rng.below(12) << 39 | rng.below(6) << 30 | rng.below(8) << 21 | rng.below(2) << 12;
    const VirtAddr page(bits & ~(bytes_of(size) - 1));
    if (tables.mapper.find(page)) continue;
    tables.map(page, PhysAddr(1ull << 30), size);
    pages.push_back(page);
  }
  return pages;
}

PW_TEST(walks_start_where_the_naive_structure_caches_say_and_find_the_same_page) {
  std::uint64_t seed = 0;
  for (const unsigned levels : {4u, 5u})
    for (const PageSize size : {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB})
      for (const tlb::StructureCacheConfig& config : {tlb::StructureCacheConfig{0, 0, 0},
                                                      {1, 1, 1},
                                                      {2, 4, 32},
                                                      {0, 3, 0},
                                                      {12, 0, 70},
                                                      {3, 100, 100}}) {
        Rng rng(++seed);
        Tables tables(levels);
        const auto pages = mapped_pages(tables, size, rng);
        const paging::Walker walker(tables.memory, tables.control);
        tlb::StructureCaches caches(config);
        NaiveCaches twin(config);
        for (int i = 0; i < 3000; ++i) {
          const VirtAddr page = pages[rng.below(rng.below(pages.size()) + 1)];
          const auto start = caches.start(page, Asid{0}, tables.root());
          REQUIRE(start.level == twin.walk(page.value(), levels, paging::leaf_level(size)));
          const auto walk = walker.walk(start, page, kWrite);
          REQUIRE(walk.end == paging::WalkEnd::Translated && walk.level == paging::leaf_level(size));
          if (start.level != walk.level) caches.insert(page, Asid{0}, start.level, walk);
          if (rng.below(500) == 0) {
            caches.clear();
            twin = NaiveCaches(config);
          }
        }
      }
}

}  // namespace
}  // namespace pw::test
