// SPDX-License-Identifier: MIT
#include "machine/core.h"

#include <algorithm>
#include <type_traits>

#include "machine/health.h"
#include "policy/replacement/registry.h"

namespace pw::machine {
namespace {

constexpr std::uint64_t kTallySpan = (1u << mmu::kTallyBits) - 1;  // accesses before a field could overflow
constexpr Time kLookAhead = 64;                                    // accesses
// Up to so many tables the host's caches hold the leaf entries that are in use; looking ahead costs more.
constexpr std::uint64_t kTablesInReach = 384;

constexpr std::uint64_t tally_of(AccessKind kind) {
  return 1ull << (mmu::kTallyBits * static_cast<unsigned>(kind));
}

// TLBs and structure caches know no address that the 57 bits of their tags do not name.
constexpr bool has_name(VirtAddr address) { return is_canonical(address, kMaxVirtBits); }

constexpr unsigned kSecondHalfSelector = static_cast<unsigned>(kSecondHalf >> kKindShift);

paging::Control control_of(const Config& config) {
  paging::Control control;
  control.levels = config.levels;
  return control;
}

std::string hex(std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  do text.insert(text.begin(), kDigits[value & 15]);
  while (value >>= 4);
  return "0x" + text;
}

std::optional<VirtAddr> last_fetch_in(std::span<const PackedAccess> words) {
  for (std::size_t i = words.size(); i-- > 0;)
    if (kind_of(words[i]) == AccessKind::Fetch && !is_second_half(words[i])) return pw::address_of(words[i]);
  return std::nullopt;
}

}  // namespace

template <class Ways>
Parts<Ways>::Parts(const Config& config, mm::Translations& translations, policy::WithheldUses& uses)
    : memory(config.memory_bytes),
      frames(memory.frames()),
      allocator(phys::MemoryMap::flat(config.memory_bytes)),
      mapper(memory, allocator, frames, config.levels),
      mmu(memory, control_of(config), config.tlb, config.structure_caches, config.seed),
      pager({memory, allocator, frames}, mapper, translations, config.page_size, config.resident_limit),
      rng(config.seed) {
  const policy::PolicyContext context{.frames = pager.policy_frames(),
                                      .capacity = pager.capacity(),
                                      .rng = &rng,
                                      .accessed_bits = config.observe == Observe::Hardware ? &pager : nullptr,
                                      .withheld_uses = config.observe == Observe::Exact ? &uses : nullptr};
  auto made = policy::make_policy(config.policy, context);
  PW_CHECK(made.ok());
  pager.set_policy(std::move(made).value());
  touches.deliver_to(pager.policy());
  mmu.set_root(mapper.root());
}

template <class Ways>
Core<Ways>::Core(const Config& config) : config_(config) {
  reset();
}

template <class Ways>
void Core<Ways>::reset() {
  parts_.reset();
  parts_ = std::make_unique<Parts<Ways>>(config_, static_cast<mm::Translations&>(*this),
                                         static_cast<policy::WithheldUses&>(*this));
  observation_ = config_.observe == Observe::Hardware ? policy::Observation::Nothing
                                                      : parts_->pager.policy().observation();
  clock_ = 0;
  lookups_ = {};
  faults_ = {};
  invalidations_ = 0;
  retries_ = 0;
  reply_.reset();
  last_fetch_.reset();
  configure_filter();
}

// A kind of access is filtered if it has a TLB of the first level that holds the pages which demand paging
// maps. A modify that is a load and then a store is so only if both look the same TLB up and nobody counts
// references.
template <class Ways>
void Core<Ways>::configure_filter() {
  routes_ = {};
  const auto& tlbs = parts_->mmu.tlbs();
  const auto& loads = tlbs.path(AccessKind::Load);
  const auto& stores = tlbs.path(AccessKind::Store);
  const bool apart = loads.is_empty() || stores.is_empty() || &loads[0] != &stores[0];
  const bool two_references =
      config_.modify == Modify::Twice && (apart || observation_ == policy::Observation::Runs);
  for (unsigned i = 0; i < kAccessKinds; ++i) {
    const auto kind = static_cast<AccessKind>(i);
    const auto& path = tlbs.path(kind);
    const bool has_first = !path.is_empty() && path[0].level() == 1;
    tlb::Array<Ways>* first = has_first ? path.array(0, config_.page_size) : nullptr;
    if (first == nullptr || (kind == AccessKind::Modify && two_references)) continue;
    parts_->filter.serve(kind, mmu::operation_of(kind), *first);
    if (kind != AccessKind::Modify || config_.modify == Modify::Once) configure_route(kind);
  }
}

// REQUIRES: the kind is filtered and one reference.
template <class Ways>
void Core<Ways>::configure_route(AccessKind kind) {
  if constexpr (std::is_same_v<Ways, tlb::LruWays>) {
    const auto& path = parts_->mmu.tlbs().path(kind);
    if (path.size() != 2 || config_.page_size != PageSize::Size4KiB) return;
    tlb::Array<Ways>* first = path.array(0, config_.page_size);
    tlb::Array<Ways>* second = path.array(1, config_.page_size);
    if (parts_->filter.array(kind)->operations() > Route::kOperations) return;
    if (second == nullptr || !first->has_power_of_two_sets() || !second->has_power_of_two_sets()) return;
    routes_[static_cast<unsigned>(kind)] = {.first_columns = first->columns(),
                                            .second_columns = second->columns(),
                                            .filtered = parts_->filter.array(kind),
                                            .grant = mmu::Grant::user(mmu::operation_of(kind))};
  }
}

template <class Ways>
Progress Core<Ways>::replay(std::span<const PackedAccess> words) {
  words_ = words;
  const Progress progress = run(PackedInput(words, clock_ + 1), words.size());
  words_ = {};
  if (handler_ != nullptr)
    if (const auto fetch = last_fetch_in(words.first(progress.consumed))) last_fetch_ = fetch;
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
    switch (config_.page_size) {
      case PageSize::Size2MiB: return run(Modes<kObservation, PageSize::Size2MiB>{});
      case PageSize::Size1GiB: return run(Modes<kObservation, PageSize::Size1GiB>{});
      case PageSize::Size4KiB: break;
    }
    return run(Modes<kObservation, PageSize::Size4KiB>{});
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
  std::array<StepFunction, kAccessKinds> steps;
  for (unsigned kind = 0; kind < kAccessKinds; ++kind)
    steps[kind] = step_for<M>(static_cast<AccessKind>(kind));
  Time at = clock_ + 1;
  while (at != end) {
    const bool looks_ahead = parts_->mapper.table_count() > kTablesInReach;
    const Time span_end = std::min(end, at + kTallySpan);
    std::uint64_t tally = 0;
    for (;; ++at) {
      unsigned selector = 0;
#pragma GCC unroll 4
      for (; at != span_end; ++at) {
        selector = input.selector(at);
        const std::int64_t page = input.template page<M::kShift>(at);
        const std::size_t slot = mmu::slot_of(page);
        mmu::Lane& lane = *selectors.lanes[selector];
        if (lane.pages[slot] != page) [[unlikely]]
          break;
        tally += selectors.tallies[selector];
        if constexpr (kNotesUses) *lane.uses[slot] = at;
        if constexpr (M::kObservation == policy::Observation::Runs) touches.extend_run(lane.frames[slot]);
      }
      if (at == span_end) break;
      const unsigned kind = selector - Input::kFirstSelector;
      const bool has_route = kind < kAccessKinds && (Input::kChecked || has_name(input.address(at)));
      const StepFunction step = has_route ? steps[kind] : &any_step<M>;
      const Step done = step(*this, input.address(at), has_route ? kind : selector, at);
      if (done == Step::Stopped) {
        accesses_ += count(tally);
        return at;
      }
      tally += selectors.tallies[selector];
      if (done == Step::Walked && looks_ahead) look_ahead<M>(input, at, end);
    }
    accesses_ += count(tally);
  }
  return at;
}

// After a walk, asks the host for the leaf entries that data accesses ahead would read if they had to be
// walked. What a wrong guess costs is a cache line.
template <class Ways>
template <class M, class Input>
PW_ALWAYS_INLINE void Core<Ways>::look_ahead(Input input, Time at, Time end) {
  const Time until = std::min(end, at + kLookAhead);
  for (Time ahead = std::max(at + 1, looked_until_); ahead < until; ++ahead)
    if (input.selector(ahead) != Input::kFirstSelector + static_cast<unsigned>(AccessKind::Fetch))
      parts_->mmu.prefetch_leaf(input.template page<kFrameShift>(ahead));
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

template <class Ways>
template <class M>
typename Core<Ways>::StepFunction Core<Ways>::step_for(AccessKind kind) const {
  if constexpr (std::is_same_v<Ways, tlb::LruWays> && M::kSize == PageSize::Size4KiB) {
    const Route& route = routes_[static_cast<unsigned>(kind)];
    if (route.first_columns.ways == 4) return step_for<M, 4>(route);
    if (route.first_columns.ways == 8) return step_for<M, 8>(route);
  }
  return &any_step<M>;
}

template <class Ways>
template <class M, std::uint32_t kFirstWays>
typename Core<Ways>::StepFunction Core<Ways>::step_for(const Route& route) {
  if (route.second_columns.ways == 12) return &step_on_route<M, kFirstWays, 12>;
  if (route.second_columns.ways == 16) return &step_on_route<M, kFirstWays, 16>;
  return &any_step<M>;
}

template <class Ways>
template <class M, std::uint32_t kFirstWays, std::uint32_t kSecondWays>
Step Core<Ways>::step_on_route(Core& core, VirtAddr address, unsigned selector, Time at) {
  const auto kind = static_cast<AccessKind>(selector);
  Route& route = core.routes_[selector];
  Parts<Ways>& parts = *core.parts_;
  const mmu::PageName name = parts.mmu.name_of(address, M::kSize);
  parts.mmu.prefetch_leaf(static_cast<std::int64_t>(name.page.value()));
  const auto first = route.template first<kFirstWays>();
  const tlb::SetRef first_set = first.set_of(name.page);
  const tlb::Place known = first.find(first_set, name.tag);
  if (known != tlb::kNowhere) {
    const tlb::Entry page = first.entry(known);
    if (!route.grant.allows(page)) [[unlikely]]
      return core.template step<M>(address, selector, at);
    first.use(known, first_set, at);
    core.template remember_on_route<M>(route, address, page, first.use_cell(known));
    if constexpr (M::kObservation == policy::Observation::Runs)
      parts.touches.extend_run(frame_of_unit<M>(page));
    return Step::Done;
  }

  const auto second = route.template second<kSecondWays>();
  const tlb::SetRef second_set = second.set_of(name.page);
  const tlb::Place held = second.find(second_set, name.tag);
  tlb::Entry page;
  if constexpr (M::kObservation == policy::Observation::Runs) core.inserted_ = false;
  if (held != tlb::kNowhere) {
    page = second.entry(held);
    if (!route.grant.allows(page)) [[unlikely]]
      return core.template step<M>(address, selector, at);
    second.use(held, second_set, at);
  } else {
    if (parts.mmu.find_settled(address, route.grant, page)) [[likely]]
      ++route.settled;
    else if (!core.walk_and_serve(address, kind, at, page))
      return Step::Stopped;
    second.replace(second.oldest(second_set), second_set, name.tag, page, at);
  }
  ++route.misses;

  const tlb::Place place = first.oldest(first_set);
  const tlb::Tag displaced = first.tag(place);
  if (displaced != tlb::kNoTag) [[likely]] {
    core.template tell<M>(frame_of_unit<M>(first.entry(place)), first.last_use(place));
    route.filtered->template forget<Route::kOperations>(signed_page<M>(tlb::address_of(displaced, M::kSize)));
  }
  first.replace(place, first_set, name.tag, page, at);
  core.template remember_on_route<M>(route, address, page, first.use_cell(place));
  if constexpr (M::kObservation == policy::Observation::Runs)
    if (!core.inserted_) parts.touches.extend_run(frame_of_unit<M>(page));
  return held == tlb::kNowhere ? Step::Walked : Step::Done;
}

// Serves faults until the walk of an access on a route translates; false if one stops the replay. Only here a
// named address may turn out not to be canonical, since TLBs and structure caches hold none.
template <class Ways>
bool Core<Ways>::walk_and_serve(VirtAddr address, AccessKind kind, Time at, tlb::Entry& page) {
  if (!is_canonical(address, parts_->mmu.virtual_bits())) return refuse_address(address) != Step::Stopped;
  tlb::Translation found;
  paging::WalkResult walk;
  while (!parts_->mmu.walk(address, kind, found, walk))
    if (!serve_fault(address, kind, walk, at)) return false;
  ++parts_->mmu.tlbs().path(kind)[1].misses;
  page = found.page;
  return true;
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
    if (offset_in_page(address, M::kSize) != 0) return Step::Done;
    selector = kind;
    tally = tally_of(static_cast<AccessKind>(kind));
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
  const mmu::PageName name = parts_->mmu.name_of(address, M::kSize);
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
  last_translation_ = {first.array().entry(place), M::kSize};
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
    first.forget(signed_page<M>(tlb::address_of(displaced, M::kSize)));
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
  count(tally_of(kind));
  ++clock_;
  return AccessOutcome{last_translation_.physical(address), last_translation_.size, last_fault_};
}

// --- faults ---------------------------------------------------------------------------------------

template <class Ways>
bool Core<Ways>::serve_fault(VirtAddr address, AccessKind kind, const paging::WalkResult& walk, Time at) {
  mm::FaultKind fault = parts_->pager.classify(walk);
  if (observation_ == policy::Observation::Runs) settle();
  auto outcome = mm::FaultOutcome::Pass;
  if (handler_ != nullptr) {
    const auto reply = ask_handler(address, kind, walk, fault, at);
    if (!reply) return false;
    outcome = reply->outcome;
  }
  parts_->mmu.count_faulted_walk();
  if (outcome != mm::FaultOutcome::Retry) retries_ = 0;
  switch (outcome) {
    case mm::FaultOutcome::Pass: return resolve(fault, address, walk, at);
    case mm::FaultOutcome::ResolvedMinor: return resolve(mm::FaultKind::Minor, address, walk, at);
    case mm::FaultOutcome::ResolvedMajor: return resolve(mm::FaultKind::Major, address, walk, at);
    case mm::FaultOutcome::Retry:
      if (++retries_ <= kMaxRetries) return true;
      retries_ = 0;
      return refuse({ErrorCode::HandlerAnswer, "the fault handler answered 'retry' " +
                                                   std::to_string(kMaxRetries + 1) + " times in a row for " +
                                                   hex(address.value())});
    case mm::FaultOutcome::OutOfMemory:
      return refuse(
          {ErrorCode::OutOfMemory, "the fault handler answered 'out-of-memory' for " + hex(address.value())});
    case mm::FaultOutcome::BusError:
      ++faults_.protection;
      return refuse(
          {ErrorCode::BusError, "the fault handler answered 'bus-error' for " + hex(address.value())});
    case mm::FaultOutcome::SegmentationFault: break;
  }
  ++faults_.protection;
  return refuse({ErrorCode::SegmentationFault,
                 "the fault handler answered 'segmentation-fault' for " + hex(address.value())});
}

// Nothing: the answer comes later, or the handler broke down.
template <class Ways>
std::optional<mm::FaultReply> Core<Ways>::ask_handler(VirtAddr address, AccessKind kind,
                                                      const paging::WalkResult& walk, mm::FaultKind fault,
                                                      Time at) {
  mm::FaultReply reply;
  if (reply_) {
    reply = *reply_;
    reply_.reset();
  } else {
    settle_counts();
    reply = handler_->handle({address, walk.error_code, kind, fault, instruction_pointer(address, kind, at)});
  }
  if (reply.failed) {
    refuse({ErrorCode::HandlerFailed, "the fault handler failed on " + hex(address.value())});
    return std::nullopt;
  }
  if (!reply.pending) return reply;
  stop_ = Stop::Pending;
  return std::nullopt;
}

template <class Ways>
bool Core<Ways>::resolve(mm::FaultKind fault, VirtAddr address, const paging::WalkResult& walk, Time at) {
  if (walk.end != paging::WalkEnd::NotPresent) {
    ++faults_.protection;
    return refuse(
        {ErrorCode::SegmentationFault, "the page tables refuse the access to " + hex(address.value())});
  }
  if (!parts_->pager.serve(address, walk, at))
    return refuse({ErrorCode::OutOfMemory,
                   "no frame is free for the page at " + hex(address.value()) +
                       " and nothing can be evicted (" + std::to_string(parts_->memory.frames()) +
                       " frames, " + std::to_string(parts_->mapper.table_count()) + " of them tables)"});
  inserted_ = true;
  last_fault_ = fault;
  ++(fault == mm::FaultKind::Major ? faults_.major : faults_.minor);
  return true;
}

template <class Ways>
bool Core<Ways>::refuse(Error error) {
  error_ = std::move(error);
  stop_ = Stop::Refused;
  return false;
}

template <class Ways>
Step Core<Ways>::refuse_kind(unsigned kind) {
  refuse({ErrorCode::OutOfRange,
          "kind: expected 0 (fetch), 1 (load), 2 (store) or 3 (modify), got " + std::to_string(kind)});
  return Step::Stopped;
}

template <class Ways>
Step Core<Ways>::refuse_address(VirtAddr address) {
  refuse({ErrorCode::NotCanonical, "expected an address that is canonical for " +
                                       std::to_string(parts_->mmu.virtual_bits()) + " bits, got " +
                                       hex(address.value())});
  return Step::Stopped;
}

// The address of the last fetch before the access, where the input tells.
template <class Ways>
std::optional<VirtAddr> Core<Ways>::instruction_pointer(VirtAddr address, AccessKind kind, Time at) const {
  if (kind == AccessKind::Fetch) return address;
  if (words_.empty()) return std::nullopt;
  const auto fetch = last_fetch_in(words_.first(static_cast<std::size_t>(at - clock_ - 1)));
  return fetch ? fetch : last_fetch_;
}

// --- what memory management asks ----------------------------------------------------------------

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
      parts_->touches.push(FrameIndex(entry.page(config_.page_size).value() >> shift), use);
    });
  });
  parts_->touches.deliver();
}

template <class Ways>
void Core<Ways>::forget(VirtAddr page) {
  parts_->mmu.invalidate(page);
  if (config_.structure_caches_on_evict == StructureCachesOnEvict::All)
    parts_->mmu.invalidate_structure_caches();
  parts_->filter.forget(static_cast<std::int64_t>(page.value()) >> shift_of(config_.page_size));
  ++invalidations_;
}

// --- reading ------------------------------------------------------------------------------------

template <class Ways>
Stats Core<Ways>::stats() const {
  Stats stats;
  const auto& tlbs = parts_->mmu.tlbs();
  for (const auto& tlb : tlbs.tlbs()) {
    std::uint64_t lookups = tlb.lookups;
    for (unsigned kind = 0; kind < kAccessKinds; ++kind) {
      const auto& path = tlbs.path(static_cast<AccessKind>(kind));
      if (!path.is_empty() && &path[0] == &tlb) lookups += lookups_[kind];
    }
    stats.tlbs.push_back({tlb.name(), tlb.level(), lookups - tlb.misses, tlb.misses});
  }
  const mmu::WalkCounters& walks = parts_->mmu.walks();
  stats.walks = {walks.total, walks.fetch, walks.references, walks.faulted, walks.dirty_updates};
  stats.faults = faults_;
  const mm::PagerCounters& pager = parts_->pager.counters();
  stats.replacement = {pager.evictions, pager.writebacks};
  stats.memory = {parts_->memory.frames(), parts_->mapper.table_count(), pager.resident_pages,
                  pager.peak_resident_pages};
  stats.invalidations = invalidations_;
  for (std::uint64_t lookups : lookups_) stats.accesses.accesses += lookups;
  stats.accesses.fetches = lookups_[static_cast<unsigned>(AccessKind::Fetch)];
  stats.cycles = cycles_of(stats, config_.cost);
  return stats;
}

template <class Ways>
BatchTotals Core<Ways>::totals() const {
  BatchTotals totals{.walks = parts_->mmu.walks().total, .faults = faults()};
  for (const std::uint64_t lookups : lookups_) totals.lookups += lookups;
  for (const auto& tlb : parts_->mmu.tlbs().tlbs())
    if (tlb.level() == 1) totals.misses += tlb.misses;
  return totals;
}

template <class Ways>
std::vector<std::string> Core<Ways>::validate() const {
  return validate_machine(
      HealthView{.memory = parts_->memory,
                 .frames = parts_->frames,
                 .allocator = parts_->allocator,
                 .mapper = parts_->mapper,
                 .resident_pages = parts_->pager.counters().resident_pages,
                 .page_size = config_.page_size},
      parts_->mmu.structure_caches(), [this](const auto& visit) {
        for (const auto& tlb : parts_->mmu.tlbs().tlbs())
          tlb.for_each([&](tlb::Tag tag, tlb::Entry entry, Time) { visit(tlb.name(), tag, entry); });
      });
}

template class Core<tlb::LruWays>;
template class Core<tlb::FifoWays>;
template class Core<tlb::TreePlruWays>;
template class Core<tlb::RandomWays>;
template class Core<tlb::SrripWays>;

}  // namespace pw::machine
