// SPDX-License-Identifier: MIT
// Paging-structure caches: recent PML4E, PDPTE and PDE entries, which let a walk start further down
// (Intel SDM vol. 3A, section 4.10.3). Each is fully associative with true LRU.
//
// Look-ups go deepest first and stop at a hit, which refreshes that entry alone. A hash chain finds an
// entry in constant time, a doubly linked list keeps the order: a miss costs one empty bucket.
#pragma once

#include <array>
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
  explicit StructureCache(std::uint32_t capacity) : capacity_(capacity), slots_(capacity) {
    buckets_.fill(kNone);
  }

  // The effective upper entry, made the most recent; nullptr on a miss.
  PW_ALWAYS_INLINE const Entry* lookup(std::uint64_t tag) {
    for (Slot slot = buckets_[bucket_of(tag)]; slot != kNone; slot = slots_[slot].chain) {
      if (slots_[slot].tag != tag) continue;
      if (slot != newest_) {
        unlink(slot);
        link_newest(slot);
      }
      return &slots_[slot].upper;
    }
    return nullptr;
  }

  // REQUIRES: the tag is absent.
  void insert(std::uint64_t tag, Entry upper) {
    if (capacity_ == 0) return;
    const Slot slot = used_ < capacity_ ? static_cast<Slot>(used_++) : recycle_oldest();
    const std::size_t bucket = bucket_of(tag);
    slots_[slot] = {tag, upper, buckets_[bucket], kNone, kNone};
    buckets_[bucket] = slot;
    link_newest(slot);
  }

  void clear() {
    if (used_ == 0) return;
    used_ = 0;
    oldest_ = newest_ = kNone;
    buckets_.fill(kNone);
  }

  template <class Visit>
  void for_each(Visit visit) const {
    for (Slot slot = newest_; slot != kNone; slot = slots_[slot].older)
      visit(slots_[slot].tag, slots_[slot].upper);
  }

 private:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = ~Slot{0};
  static constexpr std::size_t kBuckets = 64;

  struct Node {
    std::uint64_t tag = 0;
    Entry upper;
    Slot chain = kNone;  // next in the bucket
    Slot older = kNone;
    Slot newer = kNone;
  };

  static std::size_t bucket_of(std::uint64_t tag) { return (tag ^ tag >> 6 ^ tag >> 47) % kBuckets; }

  void unlink(Slot slot) {
    const Node& node = slots_[slot];
    (node.newer == kNone ? newest_ : slots_[node.newer].older) = node.older;
    (node.older == kNone ? oldest_ : slots_[node.older].newer) = node.newer;
  }

  void link_newest(Slot slot) {
    slots_[slot].older = newest_;
    slots_[slot].newer = kNone;
    (newest_ == kNone ? oldest_ : slots_[newest_].newer) = slot;
    newest_ = slot;
  }

  Slot recycle_oldest() {
    const Slot slot = oldest_;
    unlink(slot);
    Slot* from = &buckets_[bucket_of(slots_[slot].tag)];
    while (*from != slot) from = &slots_[*from].chain;
    *from = slots_[slot].chain;
    return slot;
  }

  std::uint32_t capacity_;
  std::uint32_t used_ = 0;
  Slot oldest_ = kNone;
  Slot newest_ = kNone;
  std::array<Slot, kBuckets> buckets_;
  std::vector<Node> slots_;
};

// The three caches together: where a walk may start, and what it leaves behind.
class StructureCaches {
 public:
  explicit StructureCaches(const StructureCacheConfig& config)
      : pml4e_(config.pml4e), pdpte_(config.pdpte), pde_(config.pde) {}

  PW_ALWAYS_INLINE paging::WalkStart start(VirtAddr address, Asid asid, paging::WalkStart root) {
    using namespace paging;
    if (const Entry* upper = pde_.lookup(tag(address, kPd, asid))) return {kPt, *upper};
    if (const Entry* upper = pdpte_.lookup(tag(address, kPdpt, asid))) return {kPd, *upper};
    if (const Entry* upper = pml4e_.lookup(tag(address, kPml4, asid))) return {kPdpt, *upper};
    return root;
  }

  // After a successful walk from `start`: every upper entry that was read, from the top down.
  PW_ALWAYS_INLINE void insert(VirtAddr address, Asid asid, paging::Level start,
                               const paging::WalkResult& walk) {
    using namespace paging;
    if (start >= kPml4 && walk.level < kPml4)
      pml4e_.insert(tag(address, kPml4, asid), Entry(walk.upper[kPml4]));
    if (start >= kPdpt && walk.level < kPdpt)
      pdpte_.insert(tag(address, kPdpt, asid), Entry(walk.upper[kPdpt]));
    if (start >= kPd && walk.level < kPd) pde_.insert(tag(address, kPd, asid), Entry(walk.upper[kPd]));
  }

  void clear() {
    pml4e_.clear();
    pdpte_.clear();
    pde_.clear();
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
    return (address.value() & ((1ull << kMaxVirtBits) - 1)) >> paging::shift_of(level) | asid.value() << 48;
  }

  StructureCache pml4e_;
  StructureCache pdpte_;
  StructureCache pde_;
};

}  // namespace pw::tlb
