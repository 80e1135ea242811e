// SPDX-License-Identifier: MIT
// The TLBs of one core: a list, and for each kind of access the path of those that serve it, from the
// first level on. A hit fills the levels before it; no level invalidates another (non-inclusive).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/access.h"
#include "tlb/tlb.h"

namespace pw::tlb {

template <class Ways>
class Hierarchy {
 public:
  using Path = std::vector<Tlb<Ways>*>;

  Hierarchy(const HierarchyConfig& config, std::uint64_t seed) {
    tlbs_.reserve(config.tlbs.size());
    for (const TlbConfig& tlb : config.tlbs) tlbs_.emplace_back(tlb, seed + 16 * tlbs_.size());
    for (std::size_t i = 0; i < tlbs_.size(); ++i)
      for (std::size_t kind = 0; kind < kAccessKinds; ++kind)
        if (config.tlbs[i].kinds[kind]) paths_[kind].push_back(&tlbs_[i]);
    for (Path& path : paths_)
      std::stable_sort(path.begin(), path.end(), [](const auto* a, const auto* b) { return a->level() < b->level(); });
  }
  Hierarchy(const Hierarchy&) = delete;
  Hierarchy& operator=(const Hierarchy&) = delete;

  const Path& path(AccessKind kind) const { return paths_[static_cast<std::size_t>(kind)]; }
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
  // D of the page is known to be set, in every TLB that holds it.
  void learn_dirty(VirtAddr address, Asid asid) {
    for (auto& tlb : tlbs_)
      if (const Hit hit = tlb.find(address, asid)) *hit.entry = hit.entry->with(paging::flag::kDirty);
  }

 private:
  std::vector<Tlb<Ways>> tlbs_;
  std::array<Path, kAccessKinds> paths_;
};

}  // namespace pw::tlb
