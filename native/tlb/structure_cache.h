// SPDX-License-Identifier: MIT
// Paging-structure caches: recent PML4E, PDPTE and PDE entries, which let a walk start further down
// (Intel SDM vol. 3A, section 4.10.3). Each is fully associative with true LRU.
//
// Look-ups go deepest first and stop at a hit, which refreshes that entry alone. A hash chain finds an
// entry in constant time; a ring with a node of its own between the newest and the oldest keeps the order,
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
      : capacity_(capacity),
        bucket_mask_(std::bit_ceil(capacity + kLeastBuckets) - 1),
        end_(link_to(capacity)),
        nodes_(capacity + 1),
        buckets_(bucket_mask_ + 1, end_) {
    empty_ring();
  }

  // What the tag names, and makes it the most recent; nullptr on a miss.
  PW_ALWAYS_INLINE const Upper* use(std::uint64_t tag) {
    Link link;
    if (!find(tag, link)) return nullptr;
    renew(link);
    return &node(link).upper;
  }

  // The same, where it most often is that already.
  PW_ALWAYS_INLINE const Upper* use_newest(std::uint64_t tag) {
    const Node& newest = node(node(end_).older);
    return newest.tag == tag ? &newest.upper : use(tag);
  }

  // REQUIRES: the tag is absent.
  void insert(std::uint64_t tag, Upper upper) {
    if (capacity_ == 0) return;
    const Link link = used_ < capacity_ ? link_to(used_++) : recycle_oldest();
    Link& bucket = bucket_of(tag);
    Node& node = this->node(link);
    node.upper = upper;
    node.tag = tag;
    node.chain = bucket;
    bucket = link;
    link_newest(link);
  }

  // As insert() after remove().
  PW_ALWAYS_INLINE void renew(std::uint64_t tag, Upper upper) {
    Node& newest = node(node(end_).older);
    if (newest.tag == tag) {
      newest.upper = upper;
      return;
    }
    Link link;
    if (!find(tag, link)) return insert(tag, upper);
    node(link).upper = upper;
    renew(link);
  }

  // In the time of the entries that there are: some machines clear at every eviction.
  void clear() {
    for (std::uint32_t i = 0; i < used_; ++i) bucket_of(nodes_[i].tag) = end_;
    used_ = 0;
    empty_ring();
  }
  bool is_empty() const { return used_ == 0; }
  // Forgets an entry, if it is there; the others keep their order.
  void remove(std::uint64_t tag) {
    if (Link link; find(tag, link)) retire(link);
  }
  // The same for every entry for which the predicate says so of tag and effective entry.
  template <class Predicate>
  void remove_if(Predicate predicate) {
    for (std::uint32_t i = 0; i < used_; ++i)
      if (nodes_[i].tag != kNoTag && predicate(nodes_[i].tag, nodes_[i].upper.entry)) retire(link_to(i));
  }

  template <class Visit>
  void for_each(Visit visit) const {
    if (is_empty()) return;
    for (Link link = node(end_).older; link != end_; link = node(link).older)
      if (node(link).tag != kNoTag) visit(node(link).tag, node(link).upper.entry);
  }

 private:
  static constexpr std::uint32_t kLeastBuckets = 224;  // 256 with the caches that processors have

  // The distance of a node from the first one, in bytes: what is followed needs no multiplication.
  using Link = std::uint32_t;
  struct Node {
    Upper upper{};
    std::uint64_t tag = 0;
    Link older = 0;
    Link chain = 0;  // next in the bucket
    Link newer = 0;  // not beside `older`: compilers would write both at once, which takes longer
  };
  static_assert(std::uint64_t{sizeof(Node)} * (kMaxStructureEntries + 1) <= ~Link{0});

  static constexpr Link link_to(std::uint32_t number) { return number * static_cast<Link>(sizeof(Node)); }
  PW_ALWAYS_INLINE Node& node(Link link) {
    return *reinterpret_cast<Node*>(reinterpret_cast<char*>(nodes_.data()) + link);
  }
  PW_ALWAYS_INLINE const Node& node(Link link) const {
    return *reinterpret_cast<const Node*>(reinterpret_cast<const char*>(nodes_.data()) + link);
  }
  PW_ALWAYS_INLINE Link& bucket_of(std::uint64_t tag) {
    return buckets_[(tag ^ tag >> 9 ^ tag >> 47) & bucket_mask_];
  }
  // Whether the tag is there, and where.
  PW_ALWAYS_INLINE bool find(std::uint64_t tag, Link& link) {
    for (link = bucket_of(tag); node(link).tag != tag; link = node(link).chain)
      if (link == end_) return false;
    return true;
  }

  void empty_ring() { node(end_) = {.tag = kNoTag, .older = end_, .newer = end_}; }
  PW_ALWAYS_INLINE void renew(Link link) {
    unlink(link);
    link_newest(link);
  }
  PW_ALWAYS_INLINE void unlink(Link link) {
    const Link older = node(link).older, newer = node(link).newer;
    node(newer).older = older;
    node(older).newer = newer;
  }

  // The end's `older` is the newest, its `newer` the oldest.
  PW_ALWAYS_INLINE void link_newest(Link link) {
    const Link last = end_, newest = node(last).older;
    node(link).older = newest;
    node(link).newer = last;
    node(newest).newer = link;
    node(last).older = link;
  }

  Link recycle_oldest() {
    const Link link = node(end_).newer;
    take_out(link);
    return link;
  }
  void take_out(Link link) {
    unlink(link);
    Link* from = &bucket_of(node(link).tag);
    while (*from != link) from = &node(*from).chain;
    *from = node(link).chain;
  }
  // The node holds nothing and is the oldest, so that it is the next to be filled once all were used.
  void retire(Link link) {
    take_out(link);
    Link& bucket = bucket_of(kNoTag);
    Node& last = node(end_);
    node(link) = {.tag = kNoTag, .older = end_, .chain = bucket, .newer = last.newer};
    bucket = link;
    node(last.newer).older = link;
    last.newer = link;
  }

  std::uint32_t capacity_;
  std::uint32_t used_ = 0;
  std::uint32_t bucket_mask_;
  Link end_;  // of ring and chains: a node of its own, whose tag nobody looks for
  std::vector<Node> nodes_;
  std::vector<Link> buckets_;
};

// The three caches together: where a walk may start, and what it leaves behind.
class StructureCaches {
 public:
  static constexpr unsigned kAsidShift = 48;  // of tags

  explicit StructureCaches(const StructureCacheConfig& config)
      : pml4e_(config.pml4e), pdpte_(config.pdpte), pde_(config.pde) {}

  PW_ALWAYS_INLINE paging::WalkStart start(VirtAddr address, Asid asid, paging::WalkStart root) {
    if (const StructureCache::Upper* pde = use_pde(address, asid)) return {paging::kPt, pde->entry};
    return start_above_pde(address, asid, root);
  }
  // In steps. The entry that an address would use, nullptr on a miss, which is a use of it.
  PW_ALWAYS_INLINE const StructureCache::Upper* use_pde(VirtAddr address, Asid asid) {
    return pde_.use(tag(address, paging::kPd, asid));
  }
  // The same a level higher, and two.
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
    const StructureCache::Upper* upper = cache.use_newest(tag);
    return upper == nullptr ? nullptr : &upper->entry;
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
