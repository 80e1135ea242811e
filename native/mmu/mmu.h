// SPDX-License-Identifier: MIT
// One core's memory-management unit: TLBs, then structure caches, then the walk, then rights, then the
// fills. What is counted, and when, stands in docs/reference/counting.md.
#pragma once

#include <cstdint>
#include <optional>

#include "base/access.h"
#include "paging/page_fault.h"
#include "paging/walker.h"
#include "tlb/hierarchy.h"
#include "tlb/structure_cache.h"

namespace pw::mmu {

struct WalkCounters {
  std::uint64_t total = 0;
  std::uint64_t fetch = 0;
  std::uint64_t references = 0;
  std::uint64_t faulted = 0;
  std::uint64_t dirty_updates = 0;
};

constexpr paging::Operation operation_of(AccessKind kind) {
  if (kind == AccessKind::Fetch) return paging::Operation::Fetch;
  return is_write(kind) ? paging::Operation::Write : paging::Operation::Read;
}

template <class Ways>
class Mmu {
 public:
  using Path = typename tlb::Hierarchy<Ways>::Path;

  Mmu(phys::PhysicalMemory& memory, const paging::Control& control, const tlb::HierarchyConfig& tlbs,
      const tlb::StructureCacheConfig& structure_caches, std::uint64_t seed)
      : walker_(memory, control), tlbs_(tlbs, seed), structure_caches_(structure_caches) {}

  // MOV to CR3 without PCIDs: forgets everything.
  void set_root(PhysAddr root) {
    root_ = paging::WalkStart::root(root, walker_.control().levels);
    invalidate_all();
  }
  PhysAddr root() const { return root_.upper.table(); }
  const paging::Walker& walker() const { return walker_; }
  unsigned virtual_bits() const { return paging::virtual_bits(walker_.control().levels); }

  // The translation, or nothing and the walk that faulted in `fault`. Look-ups of the first level are
  // the caller's to count; all else is counted here, and only once the translation succeeded.
  // REQUIRES: the address is canonical.
  PW_ALWAYS_INLINE std::optional<tlb::Translation> translate(VirtAddr address, AccessKind kind,
                                                             paging::AccessType access, paging::WalkResult& fault) {
    const Path& path = tlbs_.path(kind);
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
      const tlb::Hit hit = path[depth]->lookup(address, kAsid);
      if (!hit) continue;
      const tlb::Translation found{*hit.entry, hit.size};
      if (!may_use(found.page, access)) return reconsider(address, kind, access, fault);
      fill(path, depth, address, found);
      return found;
    }
    return walk(address, kind, access, fault);
  }

  // A fault that translate() reported was served or refused, not put off.
  void count_faulted_walk() { ++walks_.faulted; }

  // The page's leaf or rights changed in memory.
  void invalidate(VirtAddr address) { tlbs_.invalidate(address, kAsid); }
  void invalidate_structure_caches() { structure_caches_.clear(); }
  void invalidate_all() {
    tlbs_.invalidate_if([](tlb::Tag, tlb::Entry) { return true; });
    structure_caches_.clear();
  }

  tlb::Hierarchy<Ways>& tlbs() { return tlbs_; }
  const tlb::Hierarchy<Ways>& tlbs() const { return tlbs_; }
  const tlb::StructureCaches& structure_caches() const { return structure_caches_; }
  const WalkCounters& walks() const { return walks_; }

 private:
  static constexpr Asid kAsid{0};

  // A cached translation serves an access that its rights allow, a store only once D is known to be set.
  bool may_use(paging::Entry page, paging::AccessType access) const {
    if (access.operation == paging::Operation::Write && !page.is_dirty()) return false;
    return paging::refusal(page, access, walker_.control()) == 0;
  }

  // Levels before `depth` missed, the one at `depth` (if there is one) hit.
  PW_ALWAYS_INLINE void fill(const Path& path, std::size_t depth, VirtAddr address, tlb::Translation found) {
    if (depth < path.size() && depth > 0) ++path[depth]->lookups;
    for (std::size_t level = depth; level-- > 0;) {
      ++path[level]->misses;
      if (level > 0) ++path[level]->lookups;
      path[level]->insert(address, found, kAsid);
    }
  }

  PW_ALWAYS_INLINE std::optional<tlb::Translation> walk(VirtAddr address, AccessKind kind, paging::AccessType access,
                                                        paging::WalkResult& fault) {
    const paging::WalkStart start = structure_caches_.start(address, kAsid, root_);
    const paging::WalkResult result = walker_.walk(start, address, access);
    if (result.end != paging::WalkEnd::Translated) {
      fault = result;
      return std::nullopt;
    }
    ++walks_.total;
    walks_.fetch += kind == AccessKind::Fetch;
    walks_.references += result.references;
    structure_caches_.insert(address, kAsid, start.level, result);
    const tlb::Translation found{result.page, result.page_size()};
    const Path& path = tlbs_.path(kind);
    fill(path, path.size(), address, found);
    return found;
  }

  // A TLB entry that does not serve the access: either the store is the first one, which updates D in
  // memory without a walk of its own, or the entry refuses what the tables may meanwhile allow; then
  // the processor forgets it and walks.
  PW_NOINLINE std::optional<tlb::Translation> reconsider(VirtAddr address, AccessKind kind, paging::AccessType access,
                                                         paging::WalkResult& fault) {
    const Path& path = tlbs_.path(kind);
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
      const tlb::Hit hit = path[depth]->find(address, kAsid);
      if (!hit) continue;
      if (paging::refusal(*hit.entry, access, walker_.control()) != 0) break;
      const paging::WalkResult update = walker_.walk(root_, address, access);
      if (update.end != paging::WalkEnd::Translated) break;
      ++walks_.dirty_updates;
      tlbs_.learn_dirty(address, kAsid);
      const tlb::Translation found{hit.entry->with(paging::flag::kDirty), hit.size};
      fill(path, depth, address, found);
      return found;
    }
    tlbs_.invalidate(address, kAsid);
    return walk(address, kind, access, fault);
  }

  paging::Walker walker_;
  tlb::Hierarchy<Ways> tlbs_;
  tlb::StructureCaches structure_caches_;
  paging::WalkStart root_;
  WalkCounters walks_;
};

}  // namespace pw::mmu
