// SPDX-License-Identifier: MIT
// A set of page numbers: bitmaps of 512 pages, found by hashing. Counts distinct pages of streams.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace pw::trace {

class PageSet {
 public:
  PageSet() : table_(kFirstTable) {}

  void add(std::uint64_t page) {
    const std::uint64_t region = page / kPages;
    // Streams stay in few regions at a time, which a small direct-mapped memory finds without hashing.
    Recent& recent = recent_[region % kRecent];
    if (recent.region != region) recent = {region, find_or_add(region)};
    bitmaps_[recent.index][page % kPages / 64] |= std::uint64_t{1} << (page % 64);
  }

  // Calls visit(region, bitmap) for each region of 512 pages that holds one, in no particular order.
  template <class Visit>
  void for_each_region(Visit visit) const {
    for (std::size_t i = 0; i < bitmaps_.size(); ++i) visit(regions_[i], bitmaps_[i]);
  }

  using Bitmap = std::array<std::uint64_t, 8>;
  static constexpr std::uint64_t kPages = 512;
  static std::uint64_t count_of(const Bitmap& bitmap) {
    std::uint64_t count = 0;
    for (const std::uint64_t word : bitmap) count += static_cast<unsigned>(std::popcount(word));
    return count;
  }

  std::uint64_t size() const {
    std::uint64_t count = 0;
    for (const Bitmap& bitmap : bitmaps_) count += count_of(bitmap);
    return count;
  }
  // The bits of `region`, all zero where none of its pages is in the set.
  Bitmap bitmap_of(std::uint64_t region) const {
    const std::uint32_t index = table_[slot_of(region)];
    return index == 0 ? Bitmap{} : bitmaps_[index - 1];
  }
  void add_all(const PageSet& other) {
    other.for_each_region([this](std::uint64_t region, const Bitmap& bits) {
      Bitmap& mine = bitmaps_[find_or_add(region)];
      for (std::size_t i = 0; i < bits.size(); ++i) mine[i] |= bits[i];
    });
  }

 private:
  static constexpr std::size_t kFirstTable = 256;
  static constexpr std::size_t kRecent = 256;
  struct Recent {
    std::uint64_t region = ~std::uint64_t{0};  // no page has this region
    std::uint32_t index = 0;
  };

  // The slot of `region` or the empty one where it belongs.
  std::size_t slot_of(std::uint64_t region) const {
    const std::size_t mask = table_.size() - 1;
    std::size_t slot = static_cast<std::size_t>(region * 0x9e3779b97f4a7c15 >> 20) & mask;
    while (table_[slot] != 0 && regions_[table_[slot] - 1] != region) slot = (slot + 1) & mask;
    return slot;
  }

  std::uint32_t find_or_add(std::uint64_t region) {
    std::size_t slot = slot_of(region);
    if (table_[slot] != 0) return table_[slot] - 1;
    if (regions_.size() * 2 >= table_.size()) {
      grow();
      slot = slot_of(region);
    }
    regions_.push_back(region);
    bitmaps_.push_back({});
    table_[slot] = static_cast<std::uint32_t>(regions_.size());
    return table_[slot] - 1;
  }

  void grow() {
    table_.assign(table_.size() * 2, 0);
    for (std::size_t i = 0; i < regions_.size(); ++i)
      table_[slot_of(regions_[i])] = static_cast<std::uint32_t>(i + 1);
  }

  std::vector<std::uint32_t> table_;  // index into the two below, plus one; 0 is empty
  std::vector<std::uint64_t> regions_;
  std::vector<Bitmap> bitmaps_;
  std::array<Recent, kRecent> recent_;
};

}  // namespace pw::trace
