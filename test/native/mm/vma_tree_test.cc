// SPDX-License-Identifier: MIT
#include "mm/vma_tree.h"

#include <array>
#include <map>
#include <memory>
#include <optional>

#include "base/rng.h"
#include "support/test.h"

namespace pw::test {
namespace {

using mm::PageRange;
using mm::Vma;
using mm::VmaDigest;
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
  Vma* at(std::uint64_t page) const { return page < owner_.size() ? owner_[page] : nullptr; }
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
    auto vma = std::make_unique<Vma>(mm::Area{.range = range, .flags = some_flags(rng)});
    tree.insert(*vma);
    flat.set(range, vma.get());
    vmas.push_back(std::move(vma));
  }
  static std::uint32_t some_flags(Rng& rng) {
    constexpr std::array kFlags = {mm::vm::kWrite,
                                   mm::vm::kWrite,
                                   mm::vm::kWrite | mm::vm::kExec,
                                   mm::vm::kWrite | mm::vm::kLocked,
                                   mm::vm::kRead,
                                   mm::vm::kWrite | mm::vm::kUserMissing};
    return kFlags[rng.below(kFlags.size())];
  }
  void change_one(Rng& rng) {
    if (vmas.empty()) return;
    Vma& vma = *vmas[rng.below(vmas.size())];
    vma.flags = some_flags(rng);
    vma.protection_key = static_cast<std::uint8_t>(rng.below(8) == 0);
    tree.refresh(vma);
  }
  // As the first store to a page does it: the VMA gets a family, if need be without being looked at.
  void store(Rng& rng) {
    const std::uint64_t page = rng.below(size);
    const VmaDigest digest = tree.digest_holding(VirtPage(page));
    Vma* const vma = flat.at(page);
    EXPECT_EQ(digest.takes_stores(),
              vma != nullptr && vma->protection_key == 0 &&
                  (vma->flags == mm::vm::kWrite || vma->flags == (mm::vm::kWrite | mm::vm::kExec)));
    if (vma == nullptr) return EXPECT(digest == VmaDigest());
    EXPECT_EQ(digest.is_executable(), vma->has(mm::vm::kExec));
    EXPECT_EQ(digest.has_family(), families.contains(vma));
    if (digest.has_family()) return;
    const mm::AnonFamily family{.id = families.size() + 1};
    families[vma] = family;
    if (!tree.is_alone()) {
      vma->anon = family;
      return tree.refresh(*vma);
    }
    const std::uint64_t first = vma->range.first.value();
    EXPECT((first == 0 || flat.at(first - 1) == nullptr) && flat.at(vma->range.end.value()) == nullptr);
    tree.give_family(family);
    ++given_alone;
  }
  void check_families() {
    tree.settle();
    for (const auto& vma : vmas) {
      const auto known = families.find(vma.get());
      EXPECT(vma->anon == (known == families.end() ? mm::AnonFamily{} : known->second));
    }
  }
  void erase_one(Rng& rng) {
    if (vmas.empty()) return;
    const std::size_t index = rng.below(vmas.size());
    tree.erase(*vmas[index]);
    flat.set(vmas[index]->range, nullptr);
    families.erase(vmas[index].get());
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
  std::map<Vma*, mm::AnonFamily> families;
  std::uint64_t given_alone = 0;
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

PW_TEST(leaves_know_what_first_stores_ask_of_vmas) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    Grown grown(seed % 2 == 0 ? 1000 : 100'000);  // small gaps, and some that no digest holds
    for (int i = 0; i < 6000; ++i) {
      const std::uint64_t what = rng.below(16);
      if (what < 2)
        grown.insert_somewhere(rng, 1 + seed % 7);
      else if (what == 2)
        grown.erase_one(rng);
      else if (what == 3)
        grown.resize_one(rng);
      else if (what == 4)
        grown.change_one(rng);
      else
        grown.store(rng);
      if (i % 500 == 0) grown.check_families();
    }
    grown.check_families();
    EXPECT(grown.tree.validate().empty());
    EXPECT(grown.given_alone > 20);
  }
}

PW_TEST(a_vma_that_changed_behind_its_leaf_is_found_by_the_check) {
  Rng rng(3);
  Grown grown(500);
  for (int i = 0; i < 100; ++i) grown.insert_somewhere(rng, 2);
  Vma& vma = *grown.vmas[grown.vmas.size() / 2];
  vma.flags = mm::vm::kWrite;
  grown.tree.refresh(vma);
  EXPECT(grown.tree.validate().empty());
  vma.protection_key = 1;
  EXPECT_EQ(grown.tree.validate().size(), 1);
  grown.tree.refresh(vma);
  EXPECT(grown.tree.validate().empty());
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
