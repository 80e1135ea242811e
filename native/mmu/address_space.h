// SPDX-License-Identifier: MIT
// An address space as an operating system keeps it for shootdowns: which cores may hold translations of it
// (Linux's mm_cpumask), which of them have to forget before they use it again, and what is to be forgotten.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "mmu/core_set.h"
#include "paging/invalidation.h"
#include "paging/level.h"

namespace pw::mmu {

// Pages that cores have to forget together.
class GatheredPages {
 public:
  // More pages than `ceiling` are as good as all: no more are noted.
  void add(const paging::PendingInvalidation& change, std::size_t ceiling) {
    global_ |= change.was_global();
    const VirtAddr page = address_of(page_of(change.address()));
    if (pages_.size() > ceiling || std::find(pages_.begin(), pages_.end(), page) != pages_.end()) return;
    pages_.push_back(page);
  }

  const std::vector<VirtAddr>& pages() const { return pages_; }
  // Whether one of them was global, so that it may be held by any core.
  bool has_global() const { return global_; }
  bool is_empty() const { return pages_.empty(); }

 private:
  std::vector<VirtAddr> pages_;
  bool global_ = false;
};

struct AddressSpace {
  PhysAddr root;
  Asid pcid{};               // where PCIDs are enabled
  CoreSet holders{};         // cores that may hold translations of it
  CoreSet stale{};           // those of them that were spared a shootdown
  GatheredPages gathered{};  // what is not delivered yet
};

}  // namespace pw::mmu
