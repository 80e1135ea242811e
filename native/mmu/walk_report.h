// SPDX-License-Identifier: MIT
// A walk, step by step, for people to look at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mmu/exception.h"
#include "paging/refusal_checks.h"
#include "paging/walker.h"
#include "tlb/entry.h"

namespace pw::mmu {

// An entry on the way.
struct WalkStep {
  paging::Level level = paging::kPt;
  PhysAddr entry_address;
  paging::Entry entry;
  // R/W, U/S and NX of the path down to here, as an entry would say them; nothing where the entry is not
  // present or breaks a rule.
  std::optional<paging::Entry> rights;
};

struct WalkReport {
  std::vector<WalkStep> steps;
  paging::WalkEnd end = paging::WalkEnd::NotPresent;
  std::optional<Exception> exception;       // unless Translated; no step was taken for a #GP
  std::optional<tlb::Translation> reached;  // Translated
  std::uint64_t reserved_bits = 0;          // Reserved: those that are set in the last entry
  std::vector<paging::Check> refused_by;    // Refused
  // The level at which a walk would start: the entries above are in structure caches.
  paging::Level cached_below = 0;
  std::string tlb;  // the TLB that holds a translation of the address; empty if none does

  void add_walk(const paging::Walker& walker, paging::WalkStart root, VirtAddr address,
                paging::AccessType access);
};

}  // namespace pw::mmu
