// SPDX-License-Identifier: MIT
#include "mm/vma_tree.h"

#include <map>
#include <memory>
#include <optional>

#include "base/rng.h"
#include "support/test.h"

namespace pw::test {
namespace {

using mm::PageRange;
using mm::Vma;
using mm::VmaTree;

// The twin: which pages are covered, one by one.
class FlatSpace {
 public:
  explicit FlatSpace(std::uint64_t pages) : owner_(pages, nullptr) {}
  void set(PageRange range, Vma* vma) {
    for (std::uint64_t page = range.first.value(); page < range.end.value(); ++page) owner_[page] = vma;
  }
  Vma* find(std::uint64_t page) const {
    for (; page < owner_.size(); ++page)
      if (owner_[page] != nullptr) return owner_[page];
    return nullptr;
  }
  bool is_free(PageRange range) const {
    for (std::uint64_t page = range.first.value(); page < range.end.value(); ++page)
      if (owner_[page] != nullptr) return false;
    return true;
  }
  std::optional<std::uint64_t> lowest(PageRange within, std::uint64_t pages) const {
    for (std::uint64_t at = within.first.value(); at + pages <= within.end.value(); ++at)
      if (is_free(PageRange::of(VirtPage(at), pages))) return at;
    return std::nullopt;
  }
  std::optional<std::uint64_t> highest(PageRange within, std::uint64_t pages) const {
    for (std::uint64_t at = within.end.value(); at >= within.first.value() + pages; --at)
      if (is_free(PageRange::of(VirtPage(at - pages), pages))) return at - pages;
    return std::nullopt;
  }

 private:
  std::vector<Vma*> owner_;
};

std::optional<std::uint64_t> value_of(std::optional<VirtPage> page) {
  return page ? std::optional(page->value()) : std::nullopt;
}

struct Grown {
  explicit Grown(std::uint64_t pages) : flat(pages), size(pages) {}

  void insert_somewhere(Rng& rng, std::uint64_t longest) {
    const std::uint64_t pages = 1 + rng.below(longest);
    const PageRange range = PageRange::of(VirtPage(rng.below(size - pages)), pages);
    if (!flat.is_free(range)) return;
    auto vma = std::make_unique<Vma>(mm::Area{.range = range});
    tree.insert(*vma);
    flat.set(range, vma.get());
    vmas.push_back(std::move(vma));
  }
  void erase_one(Rng& rng) {
    if (vmas.empty()) return;
    const std::size_t index = rng.below(vmas.size());
    tree.erase(*vmas[index]);
    flat.set(vmas[index]->range, nullptr);
    std::swap(vmas[index], vmas.back());
    vmas.pop_back();
  }
  void resize_one(Rng& rng) {
    if (vmas.empty()) return;
    Vma& vma = *vmas[rng.below(vmas.size())];
    const std::uint64_t low = vma.previous ? vma.previous->range.end.value() : 0;
    const std::uint64_t high = vma.next ? vma.next->range.first.value() : size;
    const std::uint64_t first = low + rng.below(high - low);
    const PageRange range = PageRange::of(first, first + 1 + rng.below(high - first));
    flat.set(vma.range, nullptr);
    tree.resize(vma, range);
    flat.set(range, &vma);
  }
  void compare(Rng& rng) {
    const std::uint64_t page = rng.below(size);
    EXPECT(tree.find(VirtPage(page)) == flat.find(page));
    const std::uint64_t first = rng.below(size);
    const PageRange within = PageRange::of(first, first + 1 + rng.below(size - first));
    const std::uint64_t pages = 1 + rng.below(12);
    EXPECT(value_of(tree.lowest_gap(within, pages)) == flat.lowest(within, pages));
    EXPECT(value_of(tree.highest_gap(within, pages)) == flat.highest(within, pages));
  }

  FlatSpace flat;
  std::uint64_t size;
  VmaTree tree;
  std::vector<std::unique_ptr<Vma>> vmas;
};

PW_TEST(the_vma_tree_agrees_with_a_flat_array_of_pages) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    Grown grown(2000);
    for (int i = 0; i < 3000; ++i) {
      // Seeds differ in how full the space becomes.
      if (rng.below(8) < 4 + seed % 4)
        grown.insert_somewhere(rng, 1 + seed % 5);
      else if (rng.below(2) == 0)
        grown.erase_one(rng);
      else
        grown.resize_one(rng);
      grown.compare(rng);
    }
    EXPECT(grown.tree.validate().empty());
    EXPECT_EQ(grown.tree.size(), grown.vmas.size());
  }
}

PW_TEST(a_vma_tree_that_was_emptied_serves_again) {
  Rng rng(7);
  Grown grown(20'000);
  for (int i = 0; i < 5000; ++i) grown.insert_somewhere(rng, 2);
  EXPECT(grown.tree.size() > 2000);
  while (!grown.vmas.empty()) grown.erase_one(rng);
  EXPECT(grown.tree.validate().empty());
  EXPECT(grown.tree.first() == nullptr && grown.tree.find(VirtPage(0)) == nullptr);
  EXPECT(value_of(grown.tree.highest_gap(PageRange::of(0, 20'000), 20'000)) == 0u);
  grown.insert_somewhere(rng, 2);
  EXPECT_EQ(grown.tree.size(), 1);
}

PW_TEST(gaps_are_found_among_a_hundred_thousand_vmas) {
  constexpr std::uint64_t kVmas = 100'000;
  Grown grown(kVmas * 2 + 1);
  for (std::uint64_t i = 0; i < kVmas; ++i) {
    grown.vmas.push_back(std::make_unique<Vma>(mm::Area{.range = PageRange::of(VirtPage(i * 2), 1)}));
    grown.tree.insert(*grown.vmas.back());
  }
  const PageRange all = PageRange::of(0, kVmas * 2);
  EXPECT(value_of(grown.tree.highest_gap(all, 1)) == kVmas * 2 - 1);
  EXPECT(value_of(grown.tree.lowest_gap(all, 1)) == 1u);
  EXPECT(!grown.tree.lowest_gap(all, 2).has_value());
  grown.tree.erase(*grown.vmas[70'000]);
  EXPECT(value_of(grown.tree.lowest_gap(all, 3)) == 139'999u);
  EXPECT(value_of(grown.tree.highest_gap(all, 2)) == 140'000u);
  EXPECT(grown.tree.validate().empty());
}

}  // namespace
}  // namespace pw::test
