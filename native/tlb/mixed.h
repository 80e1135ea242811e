// SPDX-License-Identifier: MIT
// Look-ups and fills of a TLB whose pages have any of its sizes, one at a time: for MMUs and scripts that mix
// page sizes. The machine's hot path works on the arrays of one page size instead.
#pragma once

#include <array>
#include <optional>

#include "tlb/tlb.h"

namespace pw::tlb {

inline constexpr std::array<PageSize, kPageSizes> kEveryPageSize = {PageSize::Size4KiB, PageSize::Size2MiB,
                                                                    PageSize::Size1GiB};

// The page sizes of which a TLB may hold something: the others need not be looked for.
class HeldSizes {
 public:
  static constexpr HeldSizes all() { return HeldSizes(7); }
  constexpr HeldSizes() = default;
  constexpr bool has(PageSize size) const { return (bits_ >> static_cast<unsigned>(size) & 1) != 0; }
  constexpr void add(PageSize size) { bits_ |= 1u << static_cast<unsigned>(size); }

 private:
  explicit constexpr HeldSizes(unsigned bits) : bits_(bits) {}
  unsigned bits_ = 0;
};

// What a TLB holds for an address, without using it. array_of(size): its array, or nullptr.
template <class ArrayOf>
PW_ALWAYS_INLINE std::optional<Translation> find_in(ArrayOf array_of, VirtAddr address, Asid asid,
                                                    HeldSizes held) {
  for (const PageSize size : kEveryPageSize) {
    if (!held.has(size)) continue;
    auto* const array = array_of(size);
    if (!array) continue;
    const VirtPage page = tag_page(address, size);
    const Place place = array->find(array->set_of(page), tag_of(page, size, asid));
    if (place != kNowhere) return Translation{array->entry(place), size};
  }
  return std::nullopt;
}
// What the TLB holds for an address, without using it.
template <class Ways>
std::optional<Translation> find_any(Tlb<Ways>& tlb, VirtAddr address, Asid asid,
                                    HeldSizes held = HeldSizes::all()) {
  return find_in([&](PageSize size) { return tlb.array(size); }, address, asid, held);
}

// Forgets what the TLB holds for an address.
template <class Ways>
void forget_any(Tlb<Ways>& tlb, VirtAddr address, Asid asid, HeldSizes held) {
  for (const PageSize size : kEveryPageSize) {
    if (!held.has(size)) continue;
    const VirtPage page = tag_page(address, size);
    if (Array<Ways>* array = tlb.array(size)) array->invalidate(page, tag_of(page, size, asid));
  }
}

// The entry that find_any() gave was used.
template <class Ways>
void use(Tlb<Ways>& tlb, VirtAddr address, PageSize size, Asid asid, Time now) {
  Array<Ways>& array = *tlb.array(size);
  const VirtPage page = tag_page(address, size);
  const SetRef set = array.set_of(page);
  const Place place = array.find(set, tag_of(page, size, asid));
  if (tlb.level() == 1)
    *array.use_cell(place) = now;
  else
    array.use(place, set, now);
}

// Nothing happens where the TLB has no array for the size. REQUIRES: no entry translates the address.
template <class Ways>
PW_ALWAYS_INLINE void insert(Array<Ways>* array, VirtAddr address, Translation translation, Asid asid,
                             Time now) {
  if (!array) return;
  const VirtPage page = tag_page(address, translation.size);
  const SetRef set = array->set_of(page);
  array->insert(array->make_room(set), set, tag_of(page, translation.size, asid), translation.page, now);
}
template <class Ways>
void insert(Tlb<Ways>& tlb, VirtAddr address, Translation translation, Asid asid, Time now) {
  insert(tlb.array(translation.size), address, translation, asid, now);
}

}  // namespace pw::tlb
