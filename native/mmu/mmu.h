// SPDX-License-Identifier: MIT
// One core's memory-management unit: TLBs, then structure caches, then the walk, then rights, then the
// fills. What is counted, and when, stands in docs/reference/counting.md.
#pragma once

#include <cstdint>

#include "base/access.h"
#include "mmu/grant.h"
#include "mmu/table_hints.h"
#include "paging/mapper.h"
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

// A page as the TLBs know it.
struct PageName {
  VirtPage page;
  tlb::Tag tag;
  PageSize size;

  static PageName of(VirtAddr address, PageSize size, Asid asid) {
    const VirtPage page = tlb::tag_page(address, size);
    return {page, tlb::tag_of(page, size, asid), size};
  }
};

template <class Ways>
class Mmu {
 public:
  using Path = tlb::Path<Ways>;

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
  PageName name_of(VirtAddr address, PageSize size) const { return PageName::of(address, size, kAsid); }
  unsigned virtual_bits() const { return paging::virtual_bits(walker_.control().levels); }

  // A user-mode access that misses the first `missed` levels, where every page has one size. True and the
  // translation, or false and the walk that faulted. What it finds is counted once it succeeded, but for
  // the look-ups of the first level; the fill of the levels missed is left to the caller.
  // REQUIRES: the address is canonical; no protection keys.
  PW_ALWAYS_INLINE bool translate_miss(VirtAddr address, const PageName& name, AccessKind kind,
                                       std::size_t missed, tlb::Time now, tlb::Translation& found,
                                       paging::WalkResult& walk) {
    const Path& path = tlbs_.path(kind);
    for (std::size_t depth = missed; depth < path.size(); ++depth) {
      tlb::Array<Ways>* array = path.array(depth, name.size);
      if (!array) continue;
      const tlb::SetRef set = array->set_of(name.page);
      const tlb::Place place = array->find(set, name.tag);
      if (place == tlb::kNowhere) continue;
      array->use(place, set, now);
      found = {array->entry(place), name.size};
      if (!Grant::user(operation_of(kind)).allows(found.page) && !update_dirty(address, name, kind, found))
        break;
      if (depth != 0) ++path[depth].lookups;
      fill(path, missed, depth, name, found.page, now);
      return true;
    }
    if (!this->walk(address, kind, found, walk)) return false;
    fill(path, missed, path.size(), name, found.page, now);
    return true;
  }

  using Upper = tlb::StructureCache::Upper;
  // What the PDE cache has for an address, which is a use of it; nullptr: nothing.
  PW_ALWAYS_INLINE const Upper* use_pde(VirtAddr address) {
    return structure_caches_.use_pde(address, kAsid);
  }
  // The walk of a 4 KiB page in its commonest form: nothing stands in the way of the leaf below the PDE
  // (Walker::is_settled). True and the effective leaf; the caller counts it. False: walk() has to say.
  static PW_ALWAYS_INLINE bool is_settled(const Upper& pde, VirtAddr address,
                                          const paging::Walker::Settled& settled, tlb::Entry& page) {
    const paging::Entry raw(pde.table[paging::index_of(address, paging::kPt)]);
    return paging::Walker::is_settled(pde.entry, raw, settled, page);
  }
  // So many of them, at one reference each.
  void count_settled(AccessKind kind, std::uint64_t walks) {
    walks_.total += walks;
    walks_.references += walks;
    if (kind == AccessKind::Fetch) walks_.fetch += walks;
  }

  // The table that translates an address: what use_pde() gave names it or, if that was nothing, it is found with a look at
  // the tables that the PDPTE cache or the PML4E cache names.
  struct NearTable {
    std::uint64_t* entries;
    paging::Entry upper;
    paging::Entry directory;  // where it was read
    unsigned read;            // entries above the leaf: none, the PDE, or the PDPTE as well

    paging::Entry entry(VirtAddr address) const {
      return paging::Entry(entries[paging::index_of(address, paging::kPt)]);
    }
    paging::Leaf leaf(VirtAddr address) const {
      const unsigned index = paging::index_of(address, paging::kPt);
      return {entries + index, PhysAddr(upper.table().value() + index * sizeof *entries), paging::kPt};
    }
  };
  // False, and no more than structure caches' entries were used: walk() has to say.
  PW_ALWAYS_INLINE bool find_near(VirtAddr address, const Upper* pde, NearTable& table) {
    table.read = 0;
    if (pde != nullptr) {
      table.entries = pde->table;
      table.upper = pde->entry;
      return true;
    }
    table.read = 1;
    if (const tlb::Entry* directory = structure_caches_.use_pdpte(address, kAsid)) {
      table.directory = *directory;
    } else {
      const tlb::Entry* pointers = structure_caches_.use_pml4e(address, kAsid);
      if (pointers == nullptr) return false;
      if (!walker_.settled_upper(paging::kPdpt, *pointers, address, table.directory)) return false;
      table.read = 2;
    }
    table.entries = walker_.settled_table(table.directory, address, table.upper);
    return table.entries != nullptr;
  }
  // Whether a walk from the table translates and changes nothing; then it is counted as done.
  PW_ALWAYS_INLINE bool walk_near(const NearTable& table, VirtAddr address, AccessKind kind,
                                  tlb::Entry& page) {
    const Grant grant = Grant::user(operation_of(kind));
    if (!walker_.is_settled(table.upper, table.entry(address), grant.bits(), page)) return false;
    count_settled(kind, 1);
    if (table.read == 0) return true;
    walks_.references += table.read;
    if (table.read == 2) structure_caches_.insert_pdpte(address, kAsid, table.directory);
    structure_caches_.insert_pde(address, kAsid, {table.upper, table.entries});
    table_hints_.note(address, table.entries);
    return true;
  }

  // The walk of an access that misses every TLB, of any page size. True and the effective leaf, counted,
  // or false and how the walk faulted.
  PW_NOINLINE bool walk(VirtAddr address, AccessKind kind, tlb::Translation& found,
                        paging::WalkResult& walk) {
    const paging::WalkStart start = structure_caches_.start(address, kAsid, root_);
    walker_.walk(start, address, user_access(kind), walk);
    if (walk.end != paging::WalkEnd::Translated) [[unlikely]]
      return false;
    found = {walk.page, walk.page_size()};
    ++walks_.total;
    walks_.fetch += kind == AccessKind::Fetch;
    walks_.references += walk.references;
    if (start.level != walk.level) {
      structure_caches_.insert(address, kAsid, start.level, walk);
      table_hints_.note(address, walk);
    }
    return true;
  }

  // A TLB entry does not serve an access. If the access is a store that only lacks D, memory gets it
  // without a walk of its own, and every TLB that holds the page knows. Else the processor forgets the
  // entry, whose rights the tables may have widened, and has to walk: false.
  PW_NOINLINE bool update_dirty(VirtAddr address, const PageName& name, AccessKind kind,
                                tlb::Translation& found) {
    if (!set_dirty(address, kind, found.page)) {
      tlbs_.invalidate(address, kAsid);
      return false;
    }
    tlbs_.learn_dirty(name.page, name.size, name.tag);
    return true;
  }
  // The same where the TLBs are the caller's to tell; false: the access is refused, and nothing has changed.
  bool set_dirty(VirtAddr address, AccessKind kind, tlb::Entry& page) {
    if (paging::refusal(page, user_access(kind), walker_.control()) != 0 ||
        walker_.walk(root_, address, user_access(kind)).end != paging::WalkEnd::Translated)
      return false;
    ++walks_.dirty_updates;
    page = page.with(paging::flag::kDirty);
    return true;
  }

  // Asks the host for the leaf entry of a 4 KiB page that may be walked soon.
  PW_ALWAYS_INLINE void prefetch_leaf(std::int64_t page) const { table_hints_.prefetch(page); }
  // A fault that translate_miss() reported was served or refused, not put off.
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

  static constexpr paging::AccessType user_access(AccessKind kind) {
    return {.operation = operation_of(kind)};
  }

  // Levels before `depth` missed; those before `first` are the caller's to fill.
  PW_ALWAYS_INLINE void fill(const Path& path, std::size_t first, std::size_t depth, const PageName& name,
                             tlb::Entry entry, tlb::Time now) {
    for (std::size_t level = depth; level-- > 0;) {
      ++path[level].misses;
      if (level != 0) ++path[level].lookups;
      if (level < first) continue;
      if (tlb::Array<Ways>* array = path.array(level, name.size)) {
        const tlb::SetRef set = array->set_of(name.page);
        array->insert(array->make_room(set), set, name.tag, entry, now);
      }
    }
  }

  paging::Walker walker_;
  tlb::Hierarchy<Ways> tlbs_;
  tlb::StructureCaches structure_caches_;
  paging::WalkStart root_;
  WalkCounters walks_;
  TableHints table_hints_;
};

}  // namespace pw::mmu
