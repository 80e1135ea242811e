// SPDX-License-Identifier: MIT
// What memory management and policies ask of a core.
#pragma once

#include <algorithm>

#include "machine/core/core.h"

namespace pw::machine {

template <class Ways>
void Core<Ways>::settle() {
  parts_->touches.deliver();
}

// What the first levels know of a page: uses are told when an entry is displaced.
template <class Ways>
std::uint64_t Core<Ways>::last_use(FrameIndex frame) {
  const mmu::PageName name = parts_->mmu.name_of(parts_->pager.address_of(frame), config_.page_size);
  Time last = 0;
  parts_->filter.for_each_array([&](const tlb::Array<Ways>& array) {
    const tlb::Place place = array.find(array.set_of(name.page), name.tag);
    if (place != tlb::kNowhere) last = std::max(last, array.last_use(place));
  });
  return last;
}

template <class Ways>
void Core<Ways>::deliver_all() {
  const unsigned shift = shift_of(config_.page_size);
  parts_->filter.for_each_array([&](const tlb::Array<Ways>& array) {
    array.for_each([&](tlb::Tag, tlb::Entry entry, Time use) {
      parts_->last_uses.note(FrameIndex(entry.page(config_.page_size).value() >> shift), use);
    });
  });
}

template <class Ways>
void Core<Ways>::forget(VirtAddr page) {
  parts_->mmu.invalidate(page);
  if (config_.structure_caches_on_evict == StructureCachesOnEvict::All)
    parts_->mmu.invalidate_structure_caches();
  parts_->filter.forget(static_cast<std::int64_t>(page.value()) >> shift_of(config_.page_size));
  ++invalidations_;
}

}  // namespace pw::machine
