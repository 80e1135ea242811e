// SPDX-License-Identifier: MIT
// Paging-structure caches: recent PML4E, PDPTE and PDE entries, which let a walk start further down
// (Intel SDM vol. 3A, section 4.10.3). Each is fully associative with true LRU.
//
// Look-ups go deepest first and stop at a hit, which refreshes that entry alone. A hash chain finds an
// entry in constant time; a ring with a slot of its own between the newest and the oldest keeps the order,
// so that moving an entry takes no branch.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "paging/level.h"
#include "paging/walker.h"
#include "tlb/config.h"
#include "tlb/entry.h"

namespace pw::tlb {

class StructureCache {
 public:
  // The effective upper entry, and the host memory of the table that it names where that is known.
  struct Upper {
    Entry entry;
    std::uint64_t* table = nullptr;
  };

  // REQUIRES: at most kMaxStructureEntries.
  explicit StructureCache(std::uint32_t capacity)
      : capacity_(static_cast<Slot>(capacity)),
        bucket_mask_(std::bit_ceil(capacity + kLeastBuckets) - 1),
        slots_(capacity + 1),
        buckets_(bucket_mask_ + 1, capacity_) {
    empty_ring();
  }

  using Slot = std::uint16_t;

  // The slot that holds the tag, which is no use of it by itself; end() on a miss.
  PW_ALWAYS_INLINE Slot find(std::uint64_t tag) const {
    Slot slot = buckets_[bucket_of(tag)];
    while (slots_[slot].tag != tag && slot != capacity_) [[unlikely]] slot = slots_[slot].chain;
    return slot;
  }
  Slot end() const { return capacity_; }
  // REQUIRES: the slot is not end(), here and below.
  const Upper& operator[](Slot slot) const { return slots_[slot].upper; }
  // Makes the entry the most recent.
  PW_ALWAYS_INLINE void use(Slot slot) {
    unlink(slot);
    link_newest(slot);
  }

  // REQUIRES: the tag is absent.
  void insert(std::uint64_t tag, Upper upper) {
    if (capacity_ == 0) return;
    const Slot slot = used_ < capacity_ ? used_++ : recycle_oldest();
    Slot& bucket = buckets_[bucket_of(tag)];
    slots_[slot].upper = upper;
    slots_[slot].tag = tag;
    slots_[slot].chain = bucket;
    bucket = slot;
    link_newest(slot);
  }

  // As insert() after remove().
  PW_ALWAYS_INLINE void renew(std::uint64_t tag, Upper upper) {
    const Slot newest = slots_[capacity_].older;
    if (slots_[newest].tag == tag) {
      slots_[newest].upper = upper;
      return;
    }
    const Slot slot = find(tag);
    if (slot == capacity_) return insert(tag, upper);
    slots_[slot].upper = upper;
    use(slot);
  }

  // In the time of the entries that there are: some machines clear at every eviction.
  void clear() {
    for (Slot slot = 0; slot < used_; ++slot) buckets_[bucket_of(slots_[slot].tag)] = capacity_;
    used_ = 0;
    empty_ring();
  }
  bool is_empty() const { return used_ == 0; }
  // Forgets an entry, if it is there; the others keep their order.
  void remove(std::uint64_t tag) {
    if (const Slot slot = find(tag); slot != capacity_) retire(slot);
  }
  // The same for every entry for which the predicate says so of tag and effective entry.
  template <class Predicate>
  void remove_if(Predicate predicate) {
    for (Slot slot = 0; slot < used_; ++slot)
      if (slots_[slot].tag != kNoTag && predicate(slots_[slot].tag, slots_[slot].upper.entry)) retire(slot);
  }

  template <class Visit>
  void for_each(Visit visit) const {
    if (is_empty()) return;
    for (Slot slot = slots_[capacity_].older; slot != capacity_; slot = slots_[slot].older)
      if (slots_[slot].tag != kNoTag) visit(slots_[slot].tag, slots_[slot].upper.entry);
  }

 private:
  static constexpr std::uint32_t kLeastBuckets = 224;  // 256 with the caches that processors have

  struct Node {
    Upper upper{};
    std::uint64_t tag = 0;
    Slot chain = 0;  // next in the bucket
    Slot older = 0;
    Slot newer = 0;
  };
  static_assert(sizeof(Node) == 32);

  std::size_t bucket_of(std::uint64_t tag) const { return (tag ^ tag >> 9 ^ tag >> 47) & bucket_mask_; }

  void empty_ring() { slots_[capacity_] = {.tag = kNoTag, .older = capacity_, .newer = capacity_}; }

  PW_ALWAYS_INLINE void unlink(Slot slot) {
    const Node& node = slots_[slot];
    slots_[node.newer].older = node.older;
    slots_[node.older].newer = node.newer;
  }

  // The end's `older` is the newest, its `newer` the oldest.
  PW_ALWAYS_INLINE void link_newest(Slot slot) {
    Node& end = slots_[capacity_];
    slots_[slot].older = end.older;
    slots_[slot].newer = capacity_;
    slots_[end.older].newer = slot;
    end.older = slot;
  }

  Slot recycle_oldest() {
    const Slot slot = slots_[capacity_].newer;
    take_out(slot);
    return slot;
  }
  void take_out(Slot slot) {
    unlink(slot);
    Slot* from = &buckets_[bucket_of(slots_[slot].tag)];
    while (*from != slot) from = &slots_[*from].chain;
    *from = slots_[slot].chain;
  }
  // The slot holds nothing and is the oldest, so that it is the next to be filled once all were used.
  void retire(Slot slot) {
    take_out(slot);
    Slot& bucket = buckets_[bucket_of(kNoTag)];
    Node& end = slots_[capacity_];
    slots_[slot] = {.tag = kNoTag, .chain = bucket, .older = capacity_, .newer = end.newer};
    bucket = slot;
    slots_[end.newer].older = slot;
    end.newer = slot;
  }

  Slot capacity_;  // the slot of this number is the end of ring and chains
  Slot used_ = 0;
  std::uint32_t bucket_mask_;
  std::vector<Node> slots_;
  std::vector<Slot> buckets_;
};

// The three caches together: where a walk may start, and what it leaves behind.
class StructureCaches {
 public:
  static constexpr unsigned kAsidShift = 48;  // of tags

  explicit StructureCaches(const StructureCacheConfig& config)
      : pml4e_(config.pml4e), pdpte_(config.pdpte), pde_(config.pde) {}

  PW_ALWAYS_INLINE paging::WalkStart start(VirtAddr address, Asid asid, paging::WalkStart root) {
    const auto pde = find_pde(address, asid);
    return holds(pde) ? start_at(pde) : start_above_pde(address, asid, root);
  }
  // In steps, for those who look before they know whether they walk.
  PW_ALWAYS_INLINE StructureCache::Slot find_pde(VirtAddr address, Asid asid) const {
    return pde_.find(tag(address, paging::kPd, asid));
  }
  bool holds(StructureCache::Slot pde) const { return pde != pde_.end(); }
  std::uint64_t* table(StructureCache::Slot pde) const { return pde_[pde].table; }
  PW_ALWAYS_INLINE paging::WalkStart start_at(StructureCache::Slot pde) {
    pde_.use(pde);
    return {paging::kPt, pde_[pde].entry};
  }
  // The same a level higher, and two. The entry that an address would use, nullptr on a miss, which is a use of it.
  PW_ALWAYS_INLINE const Entry* use_pdpte(VirtAddr address, Asid asid) {
    return lookup(pdpte_, tag(address, paging::kPdpt, asid));
  }
  PW_ALWAYS_INLINE const Entry* use_pml4e(VirtAddr address, Asid asid) {
    return lookup(pml4e_, tag(address, paging::kPml4, asid));
  }
  // REQUIRES: the PDE cache missed, here and below.
  PW_ALWAYS_INLINE void insert_pde(VirtAddr address, Asid asid, StructureCache::Upper pde) {
    pde_.insert(tag(address, paging::kPd, asid), pde);
  }
  // REQUIRES: the PDPTE cache missed, too.
  PW_ALWAYS_INLINE void insert_pdpte(VirtAddr address, Asid asid, Entry pdpte) {
    pdpte_.insert(tag(address, paging::kPdpt, asid), {pdpte});
  }
  PW_ALWAYS_INLINE paging::WalkStart start_above_pde(VirtAddr address, Asid asid, paging::WalkStart root) {
    using namespace paging;
    if (const Entry* upper = use_pdpte(address, asid)) return {kPd, *upper};
    if (const Entry* upper = use_pml4e(address, asid)) return {kPdpt, *upper};
    return root;
  }

  // After a successful walk from `start`: every upper entry that was read, from the top down.
  PW_ALWAYS_INLINE void insert(VirtAddr address, Asid asid, paging::Level start,
                               const paging::WalkResult& walk) {
    using namespace paging;
    if (start >= kPml4 && walk.level < kPml4) pml4e_.insert(tag(address, kPml4, asid), upper(walk, kPml4));
    if (start >= kPdpt && walk.level < kPdpt) pdpte_.insert(tag(address, kPdpt, asid), upper(walk, kPdpt));
    if (start >= kPd && walk.level < kPd) pde_.insert(tag(address, kPd, asid), pde_of(walk, address));
  }
  // As insert() after forget(). REQUIRES: the walk went from the root to a page of 4 KiB.
  PW_ALWAYS_INLINE void renew(VirtAddr address, Asid asid, const paging::WalkResult& walk) {
    using namespace paging;
    pml4e_.renew(tag(address, kPml4, asid), upper(walk, kPml4));
    pdpte_.renew(tag(address, kPdpt, asid), upper(walk, kPdpt));
    pde_.renew(tag(address, kPd, asid), pde_of(walk, address));
  }

  void clear() {
    for (StructureCache* cache : {&pml4e_, &pdpte_, &pde_})
      if (!cache->is_empty()) cache->clear();
  }

  // Forgets what a walk of the address would use.
  void forget(VirtAddr address, Asid asid) {
    pml4e_.remove(tag(address, paging::kPml4, asid));
    pdpte_.remove(tag(address, paging::kPdpt, asid));
    pde_.remove(tag(address, paging::kPd, asid));
  }
  // Forgets the entries for which predicate(asid) says so.
  template <class Predicate>
  void forget_if(Predicate predicate) {
    const auto goes = [&](std::uint64_t tag, Entry) { return predicate(Asid(tag >> kAsidShift)); };
    for (StructureCache* cache : {&pml4e_, &pdpte_, &pde_}) cache->remove_if(goes);
  }

  // Calls visit(tag, level, effective upper entry).
  template <class Visit>
  void for_each(Visit visit) const {
    pml4e_.for_each([&](std::uint64_t tag, Entry upper) { visit(tag, paging::kPml4, upper); });
    pdpte_.for_each([&](std::uint64_t tag, Entry upper) { visit(tag, paging::kPdpt, upper); });
    pde_.for_each([&](std::uint64_t tag, Entry upper) { visit(tag, paging::kPd, upper); });
  }

 private:
  static constexpr std::uint64_t tag(VirtAddr address, paging::Level level, Asid asid) {
    return (address.value() & ((1ull << kMaxVirtBits) - 1)) >> paging::shift_of(level) | asid.value()
                                                                                             << kAsidShift;
  }
  static PW_ALWAYS_INLINE const Entry* lookup(StructureCache& cache, std::uint64_t tag) {
    const auto slot = cache.find(tag);
    if (slot == cache.end()) return nullptr;
    cache.use(slot);
    return &cache[slot].entry;
  }
  static StructureCache::Upper upper(const paging::WalkResult& walk, paging::Level level) {
    return {Entry(walk.upper[level])};
  }
  static PW_ALWAYS_INLINE StructureCache::Upper pde_of(const paging::WalkResult& walk, VirtAddr address) {
    StructureCache::Upper pde = upper(walk, paging::kPd);
    if (walk.slot != nullptr) pde.table = walk.slot - paging::index_of(address, paging::kPt);
    return pde;
  }

  StructureCache pml4e_;
  StructureCache pdpte_;
  StructureCache pde_;
};

}  // namespace pw::tlb
