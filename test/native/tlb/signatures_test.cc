// SPDX-License-Identifier: MIT
// The vector comparison of signatures against the one without vectors.
#include "tlb/signatures.h"

#include <array>

#include "base/rng.h"
#include "support/test.h"

namespace pw::test {
namespace {

PW_TEST(vectors_find_the_signatures_that_a_loop_finds) {
  Rng rng(5);
  for (int round = 0; round < 20000; ++round) {
    const std::uint64_t values = 1 + rng.below(round % 2 == 0 ? 3 : 1ull << 16);
    std::array<tlb::Signature, tlb::kSignatureGroup> group;
    for (auto& signature : group)
      signature = static_cast<tlb::Signature>(rng.below(2) * 0xff00 ^ rng.below(values));
    const std::uint32_t wanted = group[rng.below(group.size())];
    REQUIRE(tlb::equal_signatures(group.data(), wanted) ==
            tlb::equal_signatures_scalar(group.data(), wanted));
    REQUIRE(tlb::equal_signatures(group.data(), wanted) != 0);
  }
}

PW_TEST(tags_of_neighbors_and_of_one_set_have_signatures_of_their_own) {
  for (const std::uint64_t step : {1ull, 16ull, 128ull}) {
    std::array<bool, 1 << 16> seen{};
    for (std::uint64_t i = 0; i < 64; ++i) {
      const std::uint32_t signature = tlb::signature_of(0x7f0012345 + i * step);
      EXPECT(!seen[signature]);
      seen[signature] = true;
    }
  }
}

}  // namespace
}  // namespace pw::test
