// SPDX-License-Identifier: MIT
// One access that the filter does not know: a first level that holds it all the same, the further levels, the
// walk, the fills.
#pragma once

#include <type_traits>

#include "machine/core/core.h"
#include "machine/core/kind_tally.h"

namespace pw::machine {

inline constexpr unsigned kSecondHalfSelector = static_cast<unsigned>(kSecondHalf >> kKindShift);

template <class Ways>
template <class M>
void Core<Ways>::choose_steps() {
  for (unsigned kind = 0; kind < kAccessKinds; ++kind)
    steps_[kind] = step_for<M>(static_cast<AccessKind>(kind));
}

template <class Ways>
template <class M>
typename Core<Ways>::StepFunction Core<Ways>::step_for(AccessKind kind) const {
  if constexpr (std::is_same_v<Ways, tlb::LruWays> && M::kHasSmallPages) {
    const Route& route = routes_[static_cast<unsigned>(kind)];
    if (route.first.ways == 4) return step_for<M, 4>(route);
    if (route.first.ways == 8) return step_for<M, 8>(route);
  }
  return &any_step<M>;
}

template <class Ways>
template <class M, std::uint32_t kFirstWays>
typename Core<Ways>::StepFunction Core<Ways>::step_for(const Route& route) const {
  if (route.second.ways != 12 && route.second.ways != 16) return &any_step<M>;
  if constexpr (can_ever_go_ahead<M>())
    if (can_go_ahead()) return &go_ahead<M, kFirstWays>;
  if (route.second.ways == 12) return &step_on_route<M, kFirstWays, 12>;
  return &step_on_route<M, kFirstWays, 16>;
}

template <class Ways>
template <class M, std::uint32_t kFirstWays, std::uint32_t kSecondWays>
Step Core<Ways>::step_on_route(Core& core, VirtAddr address, unsigned selector, Time at) {
  Route& route = *core.route_of_[selector];
  Parts<Ways>& parts = *core.parts_;
  const mmu::PageName name = parts.mmu.name_of(address, PageSize::Size4KiB);
  const tlb::NotedSet<kFirstWays> first(route.first, name.page);
  if (const auto known = first.find(name.tag); !known.is_none()) [[unlikely]]
    return use_on_route<M, kFirstWays>(core, known, address, selector, at);

  const tlb::ListedSet<kSecondWays> second(route.second, name.page);
  tlb::Entry page;
  Step done = Step::Walked;
  if constexpr (M::kObservation == policy::Observation::Runs) core.inserted_ = false;
  if (const auto held = second.find(name.tag); !held.is_none()) {
    page = held.entry();
    if (!route.grant.allows(page)) [[unlikely]]
      return core.template step<M>(address, selector, at);
    second.use(held);
    done = Step::Done;
  } else {
    const auto* pde = parts.mmu.use_pde(address);
    if (pde != nullptr && parts.mmu.is_settled(*pde, address, route.settled_leaf, page)) [[likely]]
      ++route.settled;
    else if (!core.walk_and_serve(address, pde, static_cast<AccessKind>(selector), at, page))
      return Step::Stopped;
    second.fill(name.tag, page);
  }

  ++route.misses;
  const auto way = first.oldest();
  const tlb::Tag displaced = way.tag();
  const std::uint64_t displaced_frame = core.template frame_of_unit<M>(way.entry());
  const Time last_use = way.last_use();
  route.forget(core.template signed_page<M>(tlb::address_of(displaced, PageSize::Size4KiB)));
  way.set_tag(name.tag);
  way.set_entry(page);
  *way.use_cell() = at;
  const std::uint64_t frame = core.template frame_of_unit<M>(page);
  if constexpr (M::kObservation == policy::Observation::LastUse) parts.last_uses.prefetch(FrameIndex(frame));
  route.template remember<M::kFrames>(core.template signed_page<M>(address), page, way.use_cell(), frame);
  if constexpr (M::kObservation == policy::Observation::Runs)
    if (!core.inserted_) parts.touches.extend_run(frame);
  if constexpr (M::kObservation == policy::Observation::LastUse)
    if (displaced != tlb::kNoTag) [[likely]]
      parts.last_uses.note(FrameIndex(displaced_frame), last_use);
  return done;
}

// The first level holds the page, though the filter did not know.
template <class Ways>
template <class M, std::uint32_t kFirstWays>
PW_NOINLINE Step Core<Ways>::use_on_route(Core& core, tlb::Way<kFirstWays> known, VirtAddr address,
                                          unsigned selector, Time at) {
  const Route& route = *core.route_of_[selector];
  const tlb::Entry page = known.entry();
  if (!route.grant.allows(page)) return core.template step<M>(address, selector, at);
  *known.use_cell() = at;
  const std::uint64_t frame = core.template frame_of_unit<M>(page);
  route.template remember<M::kFrames>(core.template signed_page<M>(address), page, known.use_cell(), frame);
  if constexpr (M::kObservation == policy::Observation::Runs) core.parts_->touches.extend_run(frame);
  return Step::Done;
}

// Serves faults until the walk of an access on a route translates; false if one stops the replay. Only here a
// named address may turn out not to be canonical, since TLBs and structure caches hold none.
template <class Ways>
bool Core<Ways>::walk_and_serve(VirtAddr address, const Upper* pde, AccessKind kind, Time at,
                                tlb::Entry& page) {
  mmu::Mmu<Ways>& mmu = parts_->mmu;
  if (pde == nullptr) mmu.prefetch_leaf(static_cast<std::int64_t>(address.value() >> kFrameShift));
  std::uint64_t& misses = mmu.tlbs().path(kind)[1].misses;
  if (NearTable table; mmu.find_near(address, pde, table)) {
    const std::uint64_t evictions = parts_->pager.counters().evictions;
    if (handler_ == nullptr && !table.entry(address).is_present() && !load_near(table, address, kind, at))
      return false;
    // What an eviction forgets may be what led to the table.
    if (parts_->pager.counters().evictions == evictions && mmu.walk_near(table, address, kind, page)) {
      ++misses;
      return true;
    }
  }
  if (!is_canonical(address, mmu.virtual_bits())) return refuse_address(address) != Step::Stopped;
  tlb::Translation found;
  paging::WalkResult walk;
  while (!mmu.walk(address, kind, found, walk))
    if (!serve_fault(address, kind, walk, at)) return false;
  page = found.page;
  ++misses;
  return true;
}

// A fault on an entry that is not present, where nobody is asked: as serve_fault().
template <class Ways>
bool Core<Ways>::load_near(const NearTable& table, VirtAddr address, AccessKind kind, Time at) {
  if (observation_ == policy::Observation::Runs) settle();
  parts_->mmu.count_faulted_walk();
  retries_ = 0;
  return load_page(parts_->pager.classify(table.entry(address)), address, kind, table.leaf(address), at);
}

template <class Ways>
template <class M>
Step Core<Ways>::step(VirtAddr address, unsigned selector, Time at) {
  const std::uint64_t walks = parts_->mmu.walks().total;
  std::uint64_t tally = 0;
  if (selector >= kRawSelectors) {
    if (selector - kRawSelectors >= kAccessKinds) return refuse_kind(selector - kRawSelectors);
    selector -= kRawSelectors;
  } else if (selector >= kAccessKinds) {
    PW_DCHECK((selector ^ kSecondHalfSelector) < kAccessKinds);
    const unsigned kind = selector % kAccessKinds;
    // The half that lies in the same larger page as the first one is no look-up of its own.
    if (offset_in_page(address, page_size<M>()) != 0) return Step::Done;
    selector = kind;
    tally = tally_of(static_cast<AccessKind>(kind), 1);
  }
  if (!is_canonical(address, parts_->mmu.virtual_bits())) return refuse_address(address);
  const auto kind = static_cast<AccessKind>(selector);
  const bool split = kind == AccessKind::Modify && config_.modify == Modify::Twice;
  if (split && !translate<M>(address, AccessKind::Load, at)) return Step::Stopped;
  if (!translate<M>(address, split ? AccessKind::Store : kind, at)) return Step::Stopped;
  if (tally != 0) count(tally);
  return parts_->mmu.walks().total == walks ? Step::Done : Step::Walked;
}

// A hit of the first level that the filter does not know, or all else.
template <class Ways>
template <class M>
PW_ALWAYS_INLINE bool Core<Ways>::translate(VirtAddr address, AccessKind kind, Time at) {
  mmu::FilteredArray<Ways>* first = parts_->filter.array(kind);
  const mmu::PageName name = parts_->mmu.name_of(address, page_size<M>());
  inserted_ = false;
  if (first != nullptr) {
    const tlb::Place place = first->array().find(first->array().set_of(name.page), name.tag);
    if (place != tlb::kNowhere && use_first<M>(*first, place, address, name, kind, at)) return true;
  }
  paging::WalkResult walk;
  const std::size_t missed = first != nullptr ? 1 : 0;  // levels
  while (!parts_->mmu.translate_miss(address, name, kind, missed, at, last_translation_, walk))
    if (!serve_fault(address, kind, walk, at)) return false;
  const std::uint64_t frame = frame_of_unit<M>(last_translation_.page);
  if (first != nullptr)
    fill_first<M>(*first, address, name, last_translation_.page, at);
  else if (!inserted_)
    tell<M>(frame, at);
  if constexpr (M::kObservation == policy::Observation::Runs)
    if (!inserted_) parts_->touches.extend_run(frame);  // else the insert stood for this reference
  return true;
}

// The first level holds the page. False if its entry refuses the access and was forgotten.
template <class Ways>
template <class M>
PW_ALWAYS_INLINE bool Core<Ways>::use_first(mmu::FilteredArray<Ways>& first, tlb::Place place,
                                            VirtAddr address, const mmu::PageName& name, AccessKind kind,
                                            Time at) {
  last_translation_ = {first.array().entry(place), page_size<M>()};
  const std::int64_t page = signed_page<M>(address);
  if (!parts_->filter.grants(kind, last_translation_.page) &&
      !parts_->mmu.update_dirty(address, name, kind, last_translation_)) {
    parts_->filter.forget(page);
    return false;
  }
  const std::uint64_t frame = frame_of_unit<M>(last_translation_.page);
  first.array().use(place, first.array().set_of(name.page), at);
  first.template remember<M::kFrames>(page, last_translation_.page, first.array().use_cell(place), frame);
  if constexpr (M::kObservation == policy::Observation::Runs) parts_->touches.extend_run(frame);
  return true;
}

// What the fill displaces is told to the policy, as the first level knew best when it was used last.
template <class Ways>
template <class M>
PW_ALWAYS_INLINE void Core<Ways>::fill_first(mmu::FilteredArray<Ways>& first, VirtAddr address,
                                             const mmu::PageName& name, tlb::Entry page, Time at) {
  tlb::Array<Ways>& array = first.array();
  const tlb::SetRef set = array.set_of(name.page);
  const tlb::Place place = array.make_room(set);
  if (const tlb::Tag displaced = array.tag(place); displaced != tlb::kNoTag) {
    tell<M>(frame_of_unit<M>(array.entry(place)), array.last_use(place));
    first.forget(signed_page<M>(tlb::address_of(displaced, page_size<M>())));
  }
  array.insert(place, set, name.tag, page, at);
  first.template remember<M::kFrames>(signed_page<M>(address), page, array.use_cell(place),
                                      frame_of_unit<M>(page));
}

template <class Ways>
Result<AccessOutcome> Core<Ways>::access(VirtAddr address, AccessKind kind) {
  stop_ = Stop::End;
  last_fault_ = mm::FaultKind::None;
  const Step step = with_modes(
      [&]<class M>(M) { return this->template step<M>(address, static_cast<unsigned>(kind), clock_ + 1); });
  if (step == Step::Stopped) {
    reply_.reset();
    if (stop_ == Stop::Pending)
      return Error{
          ErrorCode::AsyncHandler,
          "expected an answer from the fault handler, got a promise of one; only run() can wait for it"};
    return error_;
  }
  count(tally_of(kind, 1));
  ++clock_;
  return AccessOutcome{last_translation_.physical(address), last_translation_.size, last_fault_};
}

}  // namespace pw::machine
