// SPDX-License-Identifier: MIT
#include "machine/core/kind_tally.h"

#include <vector>

#include "base/rng.h"
#include "support/test.h"

namespace pw::test {
namespace {

std::uint64_t counted_one_by_one(std::span<const std::uint8_t> kinds) {
  std::uint64_t tally = 0;
  for (const std::uint8_t kind : kinds) tally += 1ull << (mmu::kTallyBits * kind);
  return tally;
}

}  // namespace

PW_TEST(kinds_are_counted_as_one_by_one_at_every_length) {
  Rng rng(7);
  std::vector<std::uint8_t> kinds((1u << mmu::kTallyBits) - 1);
  for (auto& kind : kinds) kind = static_cast<std::uint8_t>(rng.below(kAccessKinds));
  const std::span<const std::uint8_t> all(kinds);
  for (std::size_t size = 0; size < 200; ++size)
    EXPECT_EQ(machine::tally_of(all.first(size)), counted_one_by_one(all.first(size)));
  EXPECT_EQ(machine::tally_of(all), counted_one_by_one(all));
}

// Where a byte of a count is fullest.
PW_TEST(as_many_of_one_kind_as_a_tally_holds_are_counted) {
  for (unsigned kind = 0; kind < kAccessKinds; ++kind) {
    const std::vector<std::uint8_t> kinds((1u << mmu::kTallyBits) - 1, static_cast<std::uint8_t>(kind));
    EXPECT_EQ(machine::tally_of(kinds), counted_one_by_one(kinds));
  }
}

}  // namespace pw::test
