// SPDX-License-Identifier: MIT
// One TLB: its arrays by page size, and its counters.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tlb/array.h"
#include "tlb/config.h"
#include "tlb/entry.h"

namespace pw::tlb {

template <class Ways>
class Tlb {
 public:
  Tlb(const TlbConfig& config, WayChoice choice, std::uint64_t seed)
      : name_(config.name), level_(config.level) {
    by_size_.fill(kNone);
    arrays_.reserve(config.arrays.size());
    for (const ArrayConfig& array : config.arrays) {
      for (std::size_t size = 0; size < kPageSizes; ++size)
        if (array.serves[size]) by_size_[size] = arrays_.size();
      arrays_.emplace_back(array, choice, config.level == 1 ? Uses::Noted : Uses::LookedUp,
                           seed + arrays_.size());
    }
  }
  Tlb(const Tlb&) = delete;
  Tlb(Tlb&&) noexcept = default;

  const std::string& name() const { return name_; }
  unsigned level() const { return level_; }
  // The array for a page size; nullptr if there is none.
  Array<Ways>* array(PageSize size) {
    const std::size_t which = by_size_[static_cast<std::size_t>(size)];
    return which == kNone ? nullptr : &arrays_[which];
  }

  void invalidate(VirtAddr address, Asid asid) {
    for (const PageSize size : {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB}) {
      const VirtPage page = tag_page(address, size);
      if (Array<Ways>* held = array(size)) held->invalidate(page, tag_of(page, size, asid));
    }
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

  std::string name_;
  unsigned level_;
  std::array<std::size_t, kPageSizes> by_size_{};
  std::vector<Array<Ways>> arrays_;
};

}  // namespace pw::tlb
