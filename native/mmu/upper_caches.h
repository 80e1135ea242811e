// SPDX-License-Identifier: MIT
// The paging-structure caches of a core that forgets what a walk found as it faults. Most often the same walk is made
// again next and puts it back: so forgetting waits until somebody could see that it was not done.
#pragma once

#include <optional>

#include "tlb/structure_cache.h"

namespace pw::mmu {

class UpperCaches {
 public:
  explicit UpperCaches(const tlb::StructureCacheConfig& config) : caches_(config) {}

  // Where a walk starts.
  PW_ALWAYS_INLINE paging::WalkStart start(VirtAddr address, Asid asid, paging::WalkStart root) {
    if (forgotten_ == path_of(address, asid)) return root;
    settle();
    return caches_.start(address, asid, root);
  }
  // What a successful walk from `start` found. REQUIRES: none of it is cached.
  PW_ALWAYS_INLINE void insert(VirtAddr address, Asid asid, paging::Level start,
                               const paging::WalkResult& walk) {
    if (forgotten_ == path_of(address, asid) && start >= paging::kPml4 && walk.level == paging::kPt) {
      forgotten_.reset();
      return caches_.renew(address, asid, walk);
    }
    settle();
    caches_.insert(address, asid, start, walk);
  }

  // What a walk of the address would use.
  void forget(VirtAddr address, Asid asid) {
    settle();
    forgotten_ = path_of(address, asid);
  }
  // The entries for which predicate(asid) says so.
  template <class Predicate>
  void forget_if(Predicate predicate) {
    settle();
    caches_.forget_if(predicate);
  }

  const tlb::StructureCaches& contents() const {
    settle();
    return caches_;
  }

 private:
  // The addresses whose walks use the same upper entries.
  struct Path {
    VirtPage page;  // of 2 MiB
    Asid asid;
    friend bool operator==(const Path&, const Path&) = default;
  };
  static Path path_of(VirtAddr address, Asid asid) { return {page_of(address, PageSize::Size2MiB), asid}; }

  void settle() const {
    if (forgotten_) settle_forgotten();
  }
  PW_NOINLINE void settle_forgotten() const {
    caches_.forget(address_of(forgotten_->page, PageSize::Size2MiB), forgotten_->asid);
    forgotten_.reset();
  }

  // What is seen from outside never depends on whether something waits.
  mutable tlb::StructureCaches caches_;
  mutable std::optional<Path> forgotten_;
};

}  // namespace pw::mmu
