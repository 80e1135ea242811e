// SPDX-License-Identifier: MIT
// Misses in two stages, where the host waits for what walks read. As long as nothing is evicted and no access refused,
// which pages a first level holds, and when they were used, follows from the accesses alone. So it goes ahead, and logs
// what it misses; the second level, walks, faults and rights follow in the same order, many misses at once, when the
// host has fetched their leaf entries.
//
// Until then a first level has its tags and times, but the pages of an earlier moment: of the miss at hand.
#pragma once

#include "machine/core/core.h"

namespace pw::machine {

// With more tables than this, each of them a page of the host, the host does not know where they are without looking it up
// itself, and waits less where it is asked for many leaf entries in a row: Core::look_ahead().
inline constexpr std::uint64_t kTablesLocated = 2048;

// Two first levels that serve stores would tell each other too late that D is set.
template <class Ways>
bool Core<Ways>::can_go_ahead() const {
  if (parts_->mapper.table_count() > kTablesLocated) return false;
  const Route& stores = routes_[static_cast<unsigned>(AccessKind::Store)];
  const Route& modifies = routes_[static_cast<unsigned>(AccessKind::Modify)];
  if (stores.own != nullptr && modifies.own != nullptr && stores.own != modifies.own) return false;
  return needs_to_look_ahead() && handler_ == nullptr && config_.validate_every == 0 &&
         !parts_->pager.policy().may_give_up() && parts_->pager.has_room(MissLog::kCapacity);
}

template <class Ways>
template <class M, std::uint32_t kFirstWays>
Step Core<Ways>::go_ahead(Core& core, VirtAddr address, unsigned selector, Time at) {
  if (!core.is_in_space(address)) [[unlikely]]
    return any_step<M>(core, address, selector, at);
  Route& route = *core.route_of_[selector];
  Parts<Ways>& parts = *core.parts_;
  const mmu::PageName name = parts.mmu.name_of(address, PageSize::Size4KiB);
  const tlb::NotedSet<kFirstWays> first(route.first, name.page);
  MissLog::Miss& miss = parts.misses.next();
  tlb::Way<kFirstWays> way = first.find(name.tag);
  if (way.is_none()) [[likely]] {
    parts.mmu.prefetch_leaf(static_cast<std::int64_t>(name.page.value()));
    way = first.oldest();
    miss.displaced_use = way.last_use();
    route.forget(core.template signed_page<M>(tlb::address_of(way.tag(), PageSize::Size4KiB)));
    way.set_tag(name.tag);
  } else {
    miss.displaced_use = MissLog::kHeld;
  }
  *way.use_cell() = at;
  route.expect(core.template signed_page<M>(address), way.use_cell());
  miss.address = address;
  miss.at = at;
  miss.way = way.place();
  miss.route = &route;
  if (parts.misses.add_next()) [[unlikely]]
    core.template catch_up<M>();
  return Step::Done;
}

// Serves what is logged; from then on everything is of one moment.
template <class Ways>
template <class M>
PW_NOINLINE void Core<Ways>::catch_up() {
  if constexpr (can_ever_go_ahead<M>()) {
    MissLog& log = parts_->misses;
    if (log.is_empty()) return;
    for (const MissLog::Miss& miss : log.misses())
      miss.route->second.ways == 12 ? catch_up<M, 12>(miss) : catch_up<M, 16>(miss);
    for (const VirtAddr address : log.dirtied()) {
      const mmu::PageName name = parts_->mmu.name_of(address, PageSize::Size4KiB);
      parts_->mmu.tlbs().learn_dirty(name.page, name.size, name.tag);
    }
    log.clear();
    if (!can_go_ahead()) choose_steps<M>();
  }
}

template <class Ways>
template <class M, std::uint32_t kSecondWays>
PW_ALWAYS_INLINE void Core<Ways>::catch_up(const MissLog::Miss& miss) {
  Route& route = *miss.route;
  std::uint64_t& held = *tlb::entry_at(miss.way, route.first.ways);
  if (miss.displaced_use == MissLog::kHeld) {
    if (!route.grant.allows(tlb::Entry(held))) [[unlikely]]
      held = with_dirty(miss, tlb::Entry(held)).bits();
    return;
  }
  if constexpr (M::kObservation == policy::Observation::LastUse)
    if (miss.displaced_use != MissLog::kNothing) [[likely]]
      tell<M>(frame_of_unit<M>(tlb::Entry(held)), miss.displaced_use);
  ++route.misses;
  const mmu::PageName name = parts_->mmu.name_of(miss.address, PageSize::Size4KiB);
  const tlb::ListedSet<kSecondWays> second(route.second, name.page);
  tlb::Entry page;
  if (const auto known = second.find(name.tag); !known.is_none()) {
    page = known.entry();
    second.use(known);
    if (!route.grant.allows(page)) [[unlikely]]
      page = with_dirty(miss, page);
  } else {
    const auto* pde = parts_->mmu.use_pde(miss.address);
    if (pde != nullptr && parts_->mmu.is_settled(*pde, miss.address, route.settled_leaf, page)) [[likely]]
      ++route.settled;
    else
      PW_CHECK(walk_and_serve(miss.address, pde, route.kind, miss.at, page));
    second.fill(name.tag, page);
  }
  held = page.bits();
  if constexpr (M::kObservation == policy::Observation::LastUse)
    parts_->last_uses.prefetch(FrameIndex(frame_of_unit<M>(page)));
}

// What serves a store that only lacks D. First levels are told when everything is of one moment.
template <class Ways>
PW_NOINLINE tlb::Entry Core<Ways>::with_dirty(const MissLog::Miss& miss, tlb::Entry page) {
  mmu::Mmu<Ways>& mmu = parts_->mmu;
  const mmu::PageName name = mmu.name_of(miss.address, PageSize::Size4KiB);
  PW_CHECK(mmu.set_dirty(miss.address, miss.route->kind, page));
  mmu.tlbs().learn_dirty(name.page, name.size, name.tag, 2);
  parts_->misses.note_dirty(miss.address);
  return page;
}

}  // namespace pw::machine
