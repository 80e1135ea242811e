// SPDX-License-Identifier: MIT
// One TLB: its arrays by page size, and its counters. A look-up probes only page sizes that were
// inserted at some time, so a machine with one page size pays for one probe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tlb/array.h"
#include "tlb/config.h"
#include "tlb/entry.h"

namespace pw::tlb {

// A found entry: the place where the TLB keeps it, and its page size.
struct Hit {
  Entry* entry = nullptr;
  PageSize size = PageSize::Size4KiB;

  explicit operator bool() const { return entry != nullptr; }
};

template <class Ways>
class Tlb {
 public:
  Tlb(const TlbConfig& config, std::uint64_t seed) : name_(config.name), level_(config.level) {
    by_size_.fill(kNone);
    arrays_.reserve(config.arrays.size());
    for (const ArrayConfig& array : config.arrays) {
      for (std::size_t size = 0; size < kPageSizes; ++size)
        if (array.serves[size]) by_size_[size] = arrays_.size();
      arrays_.emplace_back(array, seed + arrays_.size());
    }
  }

  const std::string& name() const { return name_; }
  unsigned level() const { return level_; }
  bool serves(PageSize size) const { return by_size_[index(size)] != kNone; }
  // Sets of the array for a page size. REQUIRES: serves(size)
  std::uint32_t sets(PageSize size) const { return arrays_[by_size_[index(size)]].sets(); }

  PW_ALWAYS_INLINE Hit lookup(VirtAddr address, Asid asid) {
    return probe(address, asid, [](auto& array, VirtPage page, Tag tag) { return array.lookup(page, tag); });
  }
  // Without touching the order.
  Hit find(VirtAddr address, Asid asid) {
    return probe(address, asid, [](auto& array, VirtPage page, Tag tag) { return array.find(page, tag); });
  }

  // Nothing happens where no array serves the page size.
  // REQUIRES: no entry translates the address.
  PW_ALWAYS_INLINE void insert(VirtAddr address, Translation translation, Asid asid) {
    const std::size_t which = by_size_[index(translation.size)];
    if (which == kNone) return;
    sizes_seen_ |= 1u << index(translation.size);
    const VirtPage page = tag_page(address, translation.size);
    arrays_[which].insert(page, tag_of(page, translation.size, asid), translation.page);
  }

  void invalidate(VirtAddr address, Asid asid) {
    for_each_seen([&](PageSize size, Array<Ways>& array) {
      const VirtPage page = tag_page(address, size);
      array.invalidate(page, tag_of(page, size, asid));
    });
  }

  template <class Predicate>
  void invalidate_if(Predicate predicate) {
    for (auto& array : arrays_) array.invalidate_if(predicate);
  }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& array : arrays_) array.for_each(visit);
  }

  std::uint64_t lookups = 0;
  std::uint64_t misses = 0;

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  static constexpr std::size_t index(PageSize size) { return static_cast<std::size_t>(size); }

  template <class Probe>
  PW_ALWAYS_INLINE Hit probe(VirtAddr address, Asid asid, Probe look) {
    for (unsigned seen = sizes_seen_; seen != 0; seen &= seen - 1) {
      const auto size = static_cast<PageSize>(std::countr_zero(seen));
      const VirtPage page = tag_page(address, size);
      if (Entry* entry = look(arrays_[by_size_[index(size)]], page, tag_of(page, size, asid))) return {entry, size};
    }
    return {};
  }

  template <class Visit>
  void for_each_seen(Visit visit) {
    for (unsigned seen = sizes_seen_; seen != 0; seen &= seen - 1) {
      const auto size = static_cast<PageSize>(std::countr_zero(seen));
      visit(size, arrays_[by_size_[index(size)]]);
    }
  }

  std::string name_;
  unsigned level_;
  unsigned sizes_seen_ = 0;  // bit n: page size n was inserted
  std::array<std::size_t, kPageSizes> by_size_{};
  std::vector<Array<Ways>> arrays_;
};

}  // namespace pw::tlb
