// SPDX-License-Identifier: MIT
// The loop over accesses, and how they are counted.
#pragma once

#include <algorithm>
#include <utility>

#include "machine/core/core.h"
#include "machine/core/faults.h"

namespace pw::machine {

inline constexpr std::uint64_t kTallySpan =
    (1u << mmu::kTallyBits) - 1;  // accesses before a field could overflow
// In accesses. The host waits for the translation of what it is asked for, so that it is asked in bursts: many at
// once when few are left.
inline constexpr Time kLookAhead = 96;
inline constexpr Time kLeastAhead = 32;
// How far ahead of the access at hand the host is asked for its input, in accesses: its own prefetchers stop at the
// end of each of its pages.
inline constexpr Time kStreamAhead = 192;
// So many accesses are taken in a row: the host is asked, and the end looked for, once for all of them. A row begins at any
// access, since each miss ends one.
inline constexpr Time kStride = 8;

// TLBs and structure caches know no address that the 57 bits of their tags do not name.
constexpr bool has_name(VirtAddr address) { return is_canonical(address, kMaxVirtBits); }

template <class Ways>
Progress Core<Ways>::replay(std::span<const PackedAccess> words) {
  words_ = words;
  noted_ = 0;
  const Progress progress = run(PackedInput(words, clock_ + 1), words.size());
  if (handler_ != nullptr) note_fetches(progress.consumed);
  words_ = {};
  return progress;
}

template <class Ways>
Progress Core<Ways>::replay(std::span<const std::uint64_t> addresses, std::span<const std::uint8_t> kinds) {
  if (kinds.empty()) return run(LoadInput(addresses, clock_ + 1), addresses.size());
  PW_CHECK(kinds.size() == addresses.size());
  return run(AddressInput(addresses, kinds, clock_ + 1), addresses.size());
}

template <class Ways>
template <class Input>
Progress Core<Ways>::run(Input input, std::size_t size) {
  stop_ = Stop::End;
  accesses_ = 0;
  looked_until_ = 0;
  const Time end = clock_ + 1 + size;
  const Time stopped = with_modes([&]<class M>(M) { return loop<M>(input, end); });
  settle_counts();
  const auto consumed = static_cast<std::size_t>(stopped - clock_ - 1);
  clock_ += consumed;
  return {consumed, accesses_, stop_};
}

// Calls run with the machine's observation and page size as types.
template <class Ways>
template <class Run>
auto Core<Ways>::with_modes(Run run) {
  using enum policy::Observation;
  const auto sized = [&]<policy::Observation kObservation>() {
    if constexpr (std::is_same_v<Ways, tlb::LruWays>)
      if (config_.page_size == PageSize::Size4KiB) return run(Modes<kObservation, true>{});
    return run(Modes<kObservation, false>{});
  };
  switch (observation_) {
    case LastUse: return sized.template operator()<LastUse>();
    case Runs: return sized.template operator()<Runs>();
    case Nothing: break;
  }
  return sized.template operator()<Nothing>();
}

template <class Ways>
template <class M, class Input>
Time Core<Ways>::loop(Input input, Time end) {
  constexpr bool kNotesUses = Ways::kHitsMatter || M::kObservation == policy::Observation::LastUse;
  const mmu::Selectors& selectors = parts_->filter.selectors();
  TouchLog& touches = parts_->touches;
  const unsigned shift = shift_of(page_size<M>());
  Time at = clock_ + 1;
  bool is_stopped = false;
  while (at != end && !is_stopped) {
    choose_steps<M>();
    const bool looks_ahead = needs_to_look_ahead();
    const Time span_start = at;
    const Time span_end = std::min(end, at + kTallySpan);
    std::uint64_t tally = 0;
    std::size_t kind = 0;  // or what stands in its place
    // Whether the filter knows the access: then it is a hit, and done.
    const auto passes = [&](Time at) PW_INLINED {
      kind = input.kind(at);
      const std::int64_t page = input.page(at, shift);
      const std::size_t slot = mmu::slot_of(page);
      mmu::Lane& lane = *selectors.lanes[Input::kFirstSelector + kind];
      if (lane.pages[slot] != page) [[unlikely]]
        return false;
      if constexpr (Input::kTallied) tally += selectors.tallies[kind];
      if constexpr (kNotesUses) *lane.uses[slot] = at;
      if constexpr (M::kObservation == policy::Observation::Runs) touches.extend_run(lane.frames[slot]);
      return true;
    };
    // A row, up to the first one that it does not know.
    const auto pass = [&]<std::size_t... kNumbers>(std::index_sequence<kNumbers...>) PW_INLINED {
      return ((static_cast<void>(kNumbers), passes(at) && (++at, true)) && ...);
    };
    for (;; ++at) {
      for (;;) {
        input.prefetch(at + kStreamAhead);
        if (span_end - at < kStride) [[unlikely]] {
          while (at != span_end && passes(at)) ++at;
          break;
        }
        if (!pass(std::make_index_sequence<kStride>())) break;
      }
      if (at == span_end) break;
      const bool has_route = kind < kAccessKinds && (Input::kChecked || has_name(input.address(at)));
      const StepFunction step = has_route ? steps_[kind] : &any_step<M>;
      const Step done = step(*this, input.address(at),
                             static_cast<unsigned>(has_route ? kind : Input::kFirstSelector + kind), at);
      if (done == Step::Stopped) {
        is_stopped = true;
        break;
      }
      if constexpr (Input::kTallied) tally += selectors.tallies[kind];
      if (done == Step::Walked && looks_ahead && looked_until_ < at + kLeastAhead) look_ahead(input, at, end);
    }
    catch_up<M>();
    if constexpr (!Input::kTallied) tally = input.tally(span_start, at);
    accesses_ += count(tally);
  }
  return at;
}

// After a walk, asks the host for the leaf entries that data accesses ahead would read if they had to be
// walked. What a wrong guess costs is a cache line.
template <class Ways>
template <class Input>
void Core<Ways>::look_ahead(Input input, Time at, Time end) {
  const Time until = std::min(end, at + kLookAhead);
#pragma GCC unroll 4
  for (Time ahead = std::max(at + 1, looked_until_); ahead < until; ++ahead)
    if (!input.is_fetch(ahead)) parts_->mmu.prefetch_leaf(input.page(ahead, kFrameShift));
  looked_until_ = until;
}

template <class Ways>
std::uint64_t Core<Ways>::count(std::uint64_t packed_tally) {
  std::uint64_t total = 0;
  for (unsigned i = 0; i < kAccessKinds; ++i) {
    const std::uint64_t accesses = packed_tally >> (mmu::kTallyBits * i) & kTallySpan;
    total += accesses;
    if (static_cast<AccessKind>(i) == AccessKind::Modify && config_.modify == Modify::Twice) {
      lookups_[static_cast<unsigned>(AccessKind::Load)] += accesses;
      lookups_[static_cast<unsigned>(AccessKind::Store)] += accesses;
    } else {
      lookups_[i] += accesses;
    }
  }
  return total;
}

// Adds what the routes counted to the counters of TLBs and walks, for those who read them.
template <class Ways>
void Core<Ways>::settle_counts() {
  for (unsigned i = 0; i < kAccessKinds; ++i) {
    Route& route = routes_[i];
    if (route.misses == 0) continue;
    const auto kind = static_cast<AccessKind>(i);
    const auto& path = parts_->mmu.tlbs().path(kind);
    path[0].misses += route.misses;
    path[1].lookups += route.misses;
    path[1].misses += route.settled;
    parts_->mmu.count_settled(kind, route.settled);
    route.misses = route.settled = 0;
  }
}

}  // namespace pw::machine
