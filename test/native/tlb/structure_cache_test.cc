// SPDX-License-Identifier: MIT
#include "base/rng.h"
#include "support/naive_tlb.h"
#include "support/test.h"
#include "tlb/structure_cache.h"

namespace pw::test {
namespace {

using namespace tlb;

PW_TEST(structure_cache_hits_and_forgets_as_its_naive_twin) {
  for (const std::uint32_t capacity : {0u, 1u, 2u, 3u, 8u, 33u, 100u}) {
    Rng rng(capacity);
    StructureCache cache(capacity);
    NaiveStructureCache twin(capacity);
    for (int i = 0; i < 20000; ++i) {
      // Tags that share buckets: apart by powers of two as neighbors and far regions are.
      const std::uint64_t tag = rng.below(capacity + 3) << (6 * rng.below(3));
      const bool hit = cache.lookup(tag) != nullptr;
      REQUIRE(hit == twin.lookup(tag));
      if (hit) continue;
      cache.insert(tag, Entry(tag));
      twin.insert(tag);
      if (rng.below(1000) == 0) {
        cache.clear();
        twin.clear();
      }
    }
  }
}

PW_TEST(structure_cache_gives_the_entry_of_the_tag) {
  StructureCache cache(64);
  for (std::uint64_t tag = 0; tag < 64; ++tag) cache.insert(tag * 64, Entry(tag << 12));
  for (std::uint64_t tag = 0; tag < 64; ++tag) {
    const auto* upper = cache.lookup(tag * 64);
    REQUIRE(upper != nullptr);
    EXPECT_EQ(upper->bits(), tag << 12);
  }
}

}  // namespace
}  // namespace pw::test
