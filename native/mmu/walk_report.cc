// SPDX-License-Identifier: MIT
#include "mmu/walk_report.h"

namespace pw::mmu {

using paging::Entry;
using paging::WalkEnd;

void WalkReport::add_walk(const paging::Walker& walker, paging::WalkStart root, VirtAddr address,
                          paging::AccessType access) {
  const paging::WalkResult walk = walker.probe(root, address, access);
  end = walk.end;
  PhysAddr table = root.upper.table();
  for (paging::Level level = root.level; level > walk.level; --level) {
    const Entry upper(walk.upper[level]);
    const PhysAddr place = paging::entry_address(table, address, level);
    steps.push_back({level, place, walker.entry_at(place), upper});
    table = upper.table();
  }
  WalkStep last{walk.level, walk.slot_address, walk.raw, std::nullopt};
  if (end == WalkEnd::Translated || end == WalkEnd::Refused) last.rights = walk.page;
  steps.push_back(last);
  if (end == WalkEnd::Reserved)
    reserved_bits = walk.raw.bits() & paging::ReservedBits(walker.control()).mask(walk.level, walk.raw);
  if (end == WalkEnd::Refused) refused_by = paging::refusing_checks(walk.page, access, walker.control());
  if (end == WalkEnd::Translated)
    reached = tlb::Translation{walk.page, walk.page_size()};
  else
    exception = Exception::page_fault(walk.error_code, address);
}

}  // namespace pw::mmu
