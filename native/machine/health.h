// SPDX-License-Identifier: MIT
// Invariants of the whole machine: every frame accounted for, none mapped twice, no table unreachable,
// TLBs in agreement with the tables.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/health_report.h"
#include "paging/mapper.h"
#include "phys/frame_allocator.h"
#include "phys/frame_table.h"
#include "phys/memory.h"
#include "tlb/entry.h"
#include "tlb/structure_cache.h"

namespace pw::machine {

struct HealthView {
  const phys::PhysicalMemory& memory;
  const phys::FrameTable& frames;
  const phys::FrameAllocator& allocator;
  const paging::Mapper& mapper;
  std::uint64_t resident_pages = 0;
  PageSize page_size = PageSize::Size4KiB;
};

// Calls its argument with the TLB's name, tag and entry, for every entry of every TLB.
using VisitTlbs = std::function<void(const std::function<void(const std::string&, tlb::Tag, tlb::Entry)>&)>;

// The checks "frames", "page tables", "mappings", "TLBs" and "paging-structure caches". Costs O(tables in use).
HealthReport health(const HealthView& view, const tlb::StructureCaches& structure_caches,
                    const VisitTlbs& visit_tlbs);

// The error of a machine that is not healthy after so many faults.
std::optional<Error> violation_of(const HealthReport& report, std::uint64_t faults);

}  // namespace pw::machine
