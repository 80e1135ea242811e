// SPDX-License-Identifier: MIT
#include "base/slab.h"

#include <cstdint>
#include <set>

#include "support/test.h"

namespace pw {
namespace {

struct alignas(64) Counted {
  explicit Counted(std::uint64_t value) : value(value) { ++alive; }
  ~Counted() { --alive; }
  std::uint64_t value;
  static inline int alive = 0;
};

PW_TEST(a_slab_gives_out_aligned_objects_and_takes_them_back) {
  constexpr std::uint64_t kObjects = 40'000;  // 2.5 MB
  Slab<Counted> slab;
  std::vector<Counted*> objects;
  std::set<std::uintptr_t> places;
  for (std::uint64_t i = 0; i < kObjects; ++i) {
    objects.push_back(slab.make(i));
    places.insert(reinterpret_cast<std::uintptr_t>(objects.back()));
    REQUIRE(reinterpret_cast<std::uintptr_t>(objects.back()) % alignof(Counted) == 0);
  }
  EXPECT_EQ(places.size(), kObjects);
  for (std::uint64_t i = 0; i < kObjects; i += 2) slab.destroy(objects[i]);
  EXPECT_EQ(Counted::alive, static_cast<int>(kObjects / 2));
  for (std::uint64_t i = 0; i < kObjects; i += 2) objects[i] = slab.make(i);
  for (std::uint64_t i = 0; i < kObjects; ++i) {
    EXPECT_EQ(objects[i]->value, i);
    slab.destroy(objects[i]);
  }
  EXPECT_EQ(Counted::alive, 0);
}

}  // namespace
}  // namespace pw
