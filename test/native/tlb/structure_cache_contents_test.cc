// SPDX-License-Identifier: MIT
#include "tlb/structure_cache_contents.h"

#include "support/test.h"

namespace pw::test {
namespace {

using namespace tlb;

constexpr Asid kOne{1}, kTwo{2};
constexpr VirtAddr region(std::uint64_t number) { return VirtAddr(number << 21); }

// As a walk that read the PDE alone would.
void cache_pde(StructureCaches& caches, VirtAddr address, Asid asid) {
  paging::WalkResult walk{};
  walk.level = paging::kPt;
  walk.upper[paging::kPd] = address.value() | paging::flag::kUser;
  caches.insert(address, asid, paging::kPd, walk);
}
bool holds(const StructureCaches& caches, VirtAddr address, Asid asid) {
  return peek_start(caches, address, asid, paging::WalkStart::root(PhysAddr(0), 4)).level == paging::kPt;
}

PW_TEST(entries_are_shown_with_their_address_and_address_space) {
  StructureCaches caches({0, 0, 4});
  const VirtAddr high(0xffff'8000'0020'0000);
  cache_pde(caches, high, Asid{0xfff});
  std::size_t count = 0;
  for_each_upper(caches, [&](const CachedUpper& cached) {
    ++count;
    EXPECT_EQ(cached.level, paging::kPd);
    EXPECT(cached.address == high && cached.asid == Asid{0xfff});
    EXPECT(cached.serves(VirtAddr(high.value() + 0x1f'ffff)));
    EXPECT(!cached.serves(VirtAddr(high.value() + 0x20'0000)));
  });
  EXPECT_EQ(count, 1);
}

PW_TEST(what_is_not_forgotten_keeps_its_order_of_use) {
  StructureCaches caches({0, 0, 3});
  for (const std::uint64_t number : {1, 2, 3}) cache_pde(caches, region(number), kOne);
  caches.forget(region(3), kOne);
  EXPECT(holds(caches, region(1), kOne) && holds(caches, region(2), kOne));
  EXPECT(!holds(caches, region(3), kOne));
  cache_pde(caches, region(4), kTwo);
  cache_pde(caches, region(5), kTwo);  // takes the place of the oldest
  EXPECT(!holds(caches, region(1), kOne));
  EXPECT(holds(caches, region(2), kOne) && holds(caches, region(4), kTwo));
  EXPECT(!holds(caches, region(4), kOne));
}

PW_TEST(address_spaces_are_forgotten_whole_and_their_places_filled_first) {
  StructureCaches caches({0, 0, 4});
  for (const std::uint64_t number : {1, 2}) cache_pde(caches, region(number), kOne);
  for (const std::uint64_t number : {3, 4}) cache_pde(caches, region(number), kTwo);
  caches.forget_if([](Asid asid) { return asid == kOne; });
  EXPECT(!holds(caches, region(1), kOne) && !holds(caches, region(2), kOne));
  for (const std::uint64_t number : {5, 6}) cache_pde(caches, region(number), kOne);
  EXPECT(holds(caches, region(3), kTwo) && holds(caches, region(4), kTwo));
  EXPECT(holds(caches, region(5), kOne) && holds(caches, region(6), kOne));
  cache_pde(caches, region(7), kOne);
  EXPECT(!holds(caches, region(3), kTwo));
  std::size_t count = 0;
  for_each_upper(caches, [&](const CachedUpper&) { ++count; });
  EXPECT_EQ(count, 4);
}

}  // namespace
}  // namespace pw::test
