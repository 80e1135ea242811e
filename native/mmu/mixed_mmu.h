// SPDX-License-Identifier: MIT
// An MMU over tables that map pages of any size, in user mode, one access at a time: what scripts get. It
// counts as the machine's MMU does (docs/reference/counting.md), the first level included.
#pragma once

#include <optional>

#include "mmu/mmu.h"
#include "tlb/mixed.h"

namespace pw::mmu {

template <class Ways>
class MixedMmu {
 public:
  MixedMmu(phys::PhysicalMemory& memory, const paging::Control& control, const tlb::HierarchyConfig& tlbs,
           const tlb::StructureCacheConfig& structure_caches, std::uint64_t seed)
      : walker_(memory, control), tlbs_(tlbs, seed), structure_caches_(structure_caches) {}

  // MOV to CR3 without PCIDs: forgets everything.
  void set_root(PhysAddr root) {
    root_ = paging::WalkStart::root(root, walker_.control().levels);
    invalidate_all();
  }
  unsigned virtual_bits() const { return paging::virtual_bits(walker_.control().levels); }

  // The translation, or nothing and the error code of the page fault. REQUIRES: the address is canonical.
  std::optional<tlb::Translation> translate(VirtAddr address, AccessKind kind, std::uint32_t& error_code) {
    ++now_;
    const auto& path = tlbs_.path(kind);
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
      auto found = tlb::find_any(path[depth], address, kAsid);
      if (!found) continue;
      if (!may_use(*found, address, kind)) break;
      ++path[depth].lookups;
      tlb::use(path[depth], address, found->size, kAsid, now_);
      fill(path, depth, address, *found);
      return found;
    }
    return walk(address, kind, error_code);
  }

  void invalidate(VirtAddr address) { tlbs_.invalidate(address, kAsid); }
  void invalidate_structure_caches() { structure_caches_.clear(); }
  void invalidate_all() {
    tlbs_.invalidate_if([](tlb::Tag, tlb::Entry) { return true; });
    structure_caches_.clear();
  }

  const tlb::Hierarchy<Ways>& tlbs() const { return tlbs_; }
  const WalkCounters& walks() const { return walks_; }

 private:
  static constexpr Asid kAsid{0};
  static constexpr paging::AccessType access_of(AccessKind kind) { return {.operation = operation_of(kind)}; }

  // Whether a cached translation serves the access, after D was set for the first store if that was all
  // that lacked. If not, the processor forgets it, since the tables may meanwhile allow more.
  bool may_use(tlb::Translation& found, VirtAddr address, AccessKind kind) {
    const bool allowed = paging::refusal(found.page, access_of(kind), walker_.control()) == 0;
    if (allowed && (!is_write(kind) || found.page.is_dirty())) return true;
    if (allowed && walker_.walk(root_, address, access_of(kind)).end == paging::WalkEnd::Translated) {
      ++walks_.dirty_updates;
      const VirtPage page = tlb::tag_page(address, found.size);
      tlbs_.learn_dirty(page, found.size, tlb::tag_of(page, found.size, kAsid));
      found.page = found.page.with(paging::flag::kDirty);
      return true;
    }
    tlbs_.invalidate(address, kAsid);
    return false;
  }

  // Levels before `depth` missed.
  template <class Path>
  void fill(const Path& path, std::size_t depth, VirtAddr address, tlb::Translation found) {
    for (std::size_t level = depth; level-- > 0;) {
      ++path[level].lookups;
      ++path[level].misses;
      tlb::insert(path[level], address, found, kAsid, now_);
    }
  }

  std::optional<tlb::Translation> walk(VirtAddr address, AccessKind kind, std::uint32_t& error_code) {
    const paging::WalkStart start = structure_caches_.start(address, kAsid, root_);
    const paging::WalkResult walk = walker_.walk(start, address, access_of(kind));
    if (walk.end != paging::WalkEnd::Translated) {
      ++walks_.faulted;
      error_code = walk.error_code;
      return std::nullopt;
    }
    ++walks_.total;
    walks_.fetch += kind == AccessKind::Fetch;
    walks_.references += walk.references;
    structure_caches_.insert(address, kAsid, start.level, walk);
    const tlb::Translation found{walk.page, walk.page_size()};
    const auto& path = tlbs_.path(kind);
    fill(path, path.size(), address, found);
    return found;
  }

  paging::Walker walker_;
  tlb::Hierarchy<Ways> tlbs_;
  tlb::StructureCaches structure_caches_;
  paging::WalkStart root_;
  WalkCounters walks_;
  tlb::Time now_ = 0;
};

}  // namespace pw::mmu
