// SPDX-License-Identifier: MIT
// The TLBs of one core: a list, and for each kind of access the path of those that serve it, from the
// first level on. A hit fills the levels before it; no level invalidates another (non-inclusive).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/access.h"
#include "tlb/tlb.h"

namespace pw::tlb {

inline constexpr std::size_t kMaxLevels = 4;

// The TLBs that serve one kind of access, the first level first.
template <class Ways>
class Path {
 public:
  bool is_empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Tlb<Ways>& operator[](std::size_t depth) const { return *tlbs_[depth]; }
  // Of the TLB at `depth`, for a page size; nullptr if it has none.
  Array<Ways>* array(std::size_t depth, PageSize size) const {
    return arrays_[static_cast<std::size_t>(size)][depth];
  }

  // REQUIRES: fewer than kMaxLevels so far, of lower levels. The TLB stays where it is.
  void append(Tlb<Ways>& tlb) {
    tlbs_[size_] = &tlb;
    for (std::size_t size = 0; size < kPageSizes; ++size)
      arrays_[size][size_] = tlb.array(static_cast<PageSize>(size));
    ++size_;
  }

 private:
  std::size_t size_ = 0;
  std::array<Tlb<Ways>*, kMaxLevels> tlbs_{};
  std::array<std::array<Array<Ways>*, kMaxLevels>, kPageSizes> arrays_{};
};

template <class Ways>
class Hierarchy {
 public:
  Hierarchy(const HierarchyConfig& config, std::uint64_t seed) {
    tlbs_.reserve(config.tlbs.size());
    for (const TlbConfig& tlb : config.tlbs)
      tlbs_.emplace_back(tlb, config.way_choice, seed + 16 * tlbs_.size());
    for (unsigned level = 1; level <= kMaxLevels; ++level)
      for (std::size_t i = 0; i < tlbs_.size(); ++i)
        for (std::size_t kind = 0; kind < kAccessKinds; ++kind)
          if (config.tlbs[i].kinds[kind] && tlbs_[i].level() == level) paths_[kind].append(tlbs_[i]);
  }
  Hierarchy(const Hierarchy&) = delete;
  Hierarchy& operator=(const Hierarchy&) = delete;

  const Path<Ways>& path(AccessKind kind) const { return paths_[static_cast<std::size_t>(kind)]; }
  std::vector<Tlb<Ways>>& tlbs() { return tlbs_; }
  const std::vector<Tlb<Ways>>& tlbs() const { return tlbs_; }

  // INVLPG in one address space.
  void invalidate(VirtAddr address, Asid asid) {
    for (auto& tlb : tlbs_) tlb.invalidate(address, asid);
  }
  template <class Predicate>
  void invalidate_if(Predicate predicate) {
    for (auto& tlb : tlbs_) tlb.invalidate_if(predicate);
  }
  // D of a page is known to be set, in every TLB from `level` on that holds it.
  void learn_dirty(VirtPage page, PageSize size, Tag tag, unsigned level = 1) {
    for (auto& tlb : tlbs_)
      if (Array<Ways>* array = tlb.level() >= level ? tlb.array(size) : nullptr)
        if (const Place place = array->find(array->set_of(page), tag); place != kNowhere)
          array->set_entry(place, array->entry(place).with(paging::flag::kDirty));
  }

 private:
  std::vector<Tlb<Ways>> tlbs_;
  std::array<Path<Ways>, kAccessKinds> paths_;
};

}  // namespace pw::tlb
