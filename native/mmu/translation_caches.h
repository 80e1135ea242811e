// SPDX-License-Identifier: MIT
// One core's TLBs and paging-structure caches as the instructions that manage them see them: address
// spaces, global pages, pages of every size, and what is forgotten when.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "mmu/flush.h"
#include "mmu/upper_caches.h"
#include "tlb/hierarchy.h"
#include "tlb/mixed.h"
#include "tlb/structure_cache_contents.h"

namespace pw::mmu {

// What a look-up may match: translations of the current PCID, and global ones while CR4.PGE is set.
struct Space {
  Asid pcid{};
  bool globals = false;
  Asid global = tlb::kGlobalAsid;  // the name of global pages: each virtual machine has its own

  Asid of(tlb::Entry page) const { return globals && page.is_global() ? global : pcid; }
};

template <class Ways>
class TranslationCaches {
 public:
  // A translation that a TLB holds, and where.
  struct Hit {
    tlb::Translation translation;
    Asid asid;          // kGlobalAsid of a global page
    std::size_t depth;  // in the path of the access
  };

  TranslationCaches(const tlb::HierarchyConfig& tlbs, const tlb::StructureCacheConfig& structure_caches,
                    std::uint64_t seed)
      : tlbs_(tlbs, seed), uppers_(structure_caches) {
    for (std::size_t kind = 0; kind < kAccessKinds; ++kind)
      for (tlb::Tlb<Ways>& tlb : tlbs_.tlbs())
        if (!is_on_path(static_cast<AccessKind>(kind), tlb)) elsewhere_[kind].push_back(&tlb);
  }

  // The first TLB on the path that translates the address. Neither a use nor counted.
  std::optional<Hit> find(AccessKind kind, VirtAddr address, Space space) const {
    const auto& path = tlbs_.path(kind);
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
      const auto array_of = [&](PageSize size) { return path.array(depth, size); };
      if (const auto own = tlb::find_in(array_of, address, space.pcid, held_))
        return Hit{*own, space.pcid, depth};
      if (!space.globals) continue;
      if (const auto global = tlb::find_in(array_of, address, space.global, held_))
        return Hit{*global, space.global, depth};
    }
    return std::nullopt;
  }
  // The access was served by what find() gave: counts it and fills the TLBs before.
  void use(AccessKind kind, VirtAddr address, const Hit& hit) {
    auto& tlb = tlbs_.path(kind)[hit.depth];
    ++now_;
    ++tlb.lookups;
    tlb::use(tlb, address, hit.translation.size, hit.asid, now_);
    fill(kind, hit.depth, address, hit.translation, hit.asid);
  }
  // D of the page was set in memory.
  void learn_dirty(VirtAddr address, Hit& hit) {
    hit.translation.page = hit.translation.page.with(paging::flag::kDirty);
    const VirtPage page = tlb::tag_page(address, hit.translation.size);
    tlbs_.learn_dirty(page, hit.translation.size, tlb::tag_of(page, hit.translation.size, hit.asid));
  }

  // Where a walk starts.
  paging::WalkStart start(VirtAddr address, Asid pcid, paging::WalkStart root) {
    return uppers_.start(address, pcid, root);
  }
  // A walk from `start` found the page: counts the misses and keeps what may be kept.
  // REQUIRES: find() gave nothing, or what it gave was forgotten.
  void note_walk(AccessKind kind, VirtAddr address, Space space, paging::WalkStart start,
                 const paging::WalkResult& walk) {
    note_walk(kind, address, space, start, walk, {walk.page, walk.page_size()});
  }
  // The same, where what TLBs keep is not what the walk found.
  void note_walk(AccessKind kind, VirtAddr address, Space space, paging::WalkStart start,
                 const paging::WalkResult& walk, tlb::Translation translation) {
    if (start.level != walk.level) uppers_.insert(address, space.pcid, start.level, walk);
    ++now_;
    fill(kind, tlbs_.path(kind).size(), address, translation, space.of(translation.page));
  }

  // The translations of an address: of the current PCID, and global ones.
  void forget_page(VirtAddr address, Asid pcid) {
    forget_own_page(address, pcid);
    if (holds_globals_) forget_own_page(address, tlb::kGlobalAsid);
  }
  // Those of one PCID alone.
  void forget_own_page(VirtAddr address, Asid pcid) {
    for (auto& tlb : tlbs_.tlbs()) tlb::forget_any(tlb, address, pcid, held_);
  }
  // As forget_page(). REQUIRES: find() gave nothing for this kind of access.
  void forget_page_elsewhere(AccessKind kind, VirtAddr address, Space space) {
    if (holds_globals_) return forget_page(address, space.pcid);
    for (tlb::Tlb<Ways>* tlb : elsewhere_[static_cast<std::size_t>(kind)])
      tlb::forget_any(*tlb, address, space.pcid, held_);
  }
  // The upper entries that a walk of the address would use.
  void forget_uppers(VirtAddr address, Asid pcid) { uppers_.forget(address, pcid); }
  // The upper entries of an address space, or of all.
  void forget_uppers(const Flush& flush) {
    uppers_.forget_if([&](Asid asid) { return flush.drops(asid); });
  }
  void forget(const Flush& flush) {
    if (flush.spaces == Flush::Spaces::None) return;
    forget_if([&](Asid asid) { return flush.drops(asid); });
  }
  // The address spaces that satisfy the predicate.
  template <class Predicate>
  void forget_if(Predicate predicate) {
    tlbs_.invalidate_if([&](tlb::Tag tag, tlb::Entry) { return predicate(tlb::asid_of(tag)); });
    uppers_.forget_if(predicate);
  }

  // Advances with every use and every fill.
  tlb::Time now() const { return now_; }
  const tlb::Hierarchy<Ways>& tlbs() const { return tlbs_; }
  const tlb::StructureCaches& structure_caches() const { return uppers_.contents(); }

 private:
  // Levels before `depth` missed.
  void fill(AccessKind kind, std::size_t depth, VirtAddr address, tlb::Translation translation, Asid asid) {
    const auto& path = tlbs_.path(kind);
    held_.add(translation.size);
    holds_globals_ |= asid == tlb::kGlobalAsid;
    for (std::size_t level = depth; level-- > 0;) {
      ++path[level].lookups;
      ++path[level].misses;
      tlb::insert(path.array(level, translation.size), address, translation, asid, now_);
    }
  }
  bool is_on_path(AccessKind kind, const tlb::Tlb<Ways>& tlb) const {
    const auto& path = tlbs_.path(kind);
    for (std::size_t depth = 0; depth < path.size(); ++depth)
      if (&path[depth] == &tlb) return true;
    return false;
  }

  tlb::Hierarchy<Ways> tlbs_;
  // TLBs that are not on the path of a kind of access.
  std::array<std::vector<tlb::Tlb<Ways>*>, kAccessKinds> elsewhere_;
  UpperCaches uppers_;
  tlb::Time now_ = 0;
  tlb::HeldSizes held_;         // ever
  bool holds_globals_ = false;  // ever
};

}  // namespace pw::mmu
