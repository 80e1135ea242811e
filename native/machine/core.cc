// SPDX-License-Identifier: MIT
#include "machine/core.h"

#include <algorithm>

#include "machine/health.h"
#include "policy/replacement/registry.h"

namespace pw::machine {
namespace {

// Accesses by kind in one word, 16 bits each: what counting them costs the loop is one addition.
// Selectors of second halves count in step(), which knows whether they are look-ups of their own.
constexpr std::array<std::uint64_t, 256> kTally = [] {
  std::array<std::uint64_t, 256> tally{};
  for (unsigned kind = 0; kind < kAccessKinds; ++kind) tally[kind] = 1ull << (16 * kind);
  return tally;
}();
constexpr std::size_t kTallySpan = (1u << 16) - 1;  // accesses before a field could overflow

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

}  // namespace

template <class Ways>
Parts<Ways>::Parts(const Config& config, mm::Translations& translations)
    : memory(config.memory_bytes), frames(memory.frames()),
      allocator(phys::MemoryMap::flat(config.memory_bytes)),
      mapper(memory, allocator, frames, config.levels),
      mmu(memory, control_of(config), config.tlb, config.structure_caches, config.seed),
      pager({memory, allocator, frames}, mapper, translations, config.page_size, config.resident_limit),
      rng(config.seed) {
  const policy::PolicyContext context{.frames = pager.policy_frames(),
                                      .capacity = pager.capacity(),
                                      .rng = &rng,
                                      .accessed_bits = config.observe == Observe::Hardware ? &pager : nullptr};
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
  parts_ = std::make_unique<Parts<Ways>>(config_, static_cast<mm::Translations&>(*this));
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

// A kind of access has a lane if its first TLB holds the pages that demand paging maps. A modify that
// is a load and then a store has one only if both look the same TLB up.
template <class Ways>
void Core<Ways>::configure_filter() {
  auto& tlbs = parts_->mmu.tlbs();
  for (unsigned i = 0; i < kAccessKinds; ++i) {
    const auto kind = static_cast<AccessKind>(i);
    const auto& path = tlbs.path(kind);
    if (path.empty() || !path[0]->serves(config_.page_size)) continue;
    const auto tlb = static_cast<std::size_t>(path[0] - tlbs.tlbs().data());
    parts_->filter.serve(kind, mmu::operation_of(kind), tlb, path[0]->sets(config_.page_size));
  }
  const auto& loads = tlbs.path(AccessKind::Load);
  const auto& stores = tlbs.path(AccessKind::Store);
  const bool apart = loads.empty() || stores.empty() || loads[0] != stores[0];
  if (config_.modify == Modify::Twice && apart) parts_->filter.exclude(AccessKind::Modify);
}

template <class Ways>
Progress Core<Ways>::replay(std::span<const PackedAccess> words) {
  words_ = words;
  words_start_ = clock_;
  const Progress progress = run(PackedInput{words});
  if (handler_ != nullptr && progress.consumed != 0) {
    for (std::size_t i = progress.consumed; i-- > 0;) {
      if (kind_of(words[i]) != AccessKind::Fetch) continue;
      last_fetch_ = pw::address_of(words[i]);
      break;
    }
  }
  words_ = {};
  return progress;
}

template <class Ways>
Progress Core<Ways>::replay(std::span<const std::uint64_t> addresses, std::span<const std::uint8_t> kinds) {
  if (kinds.empty()) return run(LoadInput{addresses});
  PW_CHECK(kinds.size() == addresses.size());
  return run(AddressInput{addresses, kinds});
}

template <class Ways>
template <class Input>
Progress Core<Ways>::run(Input input) {
  stop_ = Stop::End;
  accesses_ = 0;
  std::size_t consumed = 0;
  switch (observation_) {
    case policy::Observation::Nothing: consumed = run_sized<policy::Observation::Nothing>(input); break;
    case policy::Observation::LastUse: consumed = run_sized<policy::Observation::LastUse>(input); break;
    case policy::Observation::Runs: consumed = run_sized<policy::Observation::Runs>(input); break;
  }
  clock_ += consumed;
  return {consumed, accesses_, stop_};
}

template <class Ways>
template <policy::Observation kObservation, class Input>
std::size_t Core<Ways>::run_sized(Input input) {
  switch (config_.page_size) {
    case PageSize::Size2MiB: return loop<kObservation, shift_of(PageSize::Size2MiB)>(input);
    case PageSize::Size1GiB: return loop<kObservation, shift_of(PageSize::Size1GiB)>(input);
    case PageSize::Size4KiB: break;
  }
  return loop<kObservation, shift_of(PageSize::Size4KiB)>(input);
}

template <class Ways>
template <policy::Observation kObservation, unsigned kShift, class Input>
std::size_t Core<Ways>::loop(Input input) {
  mmu::Lane* const* lanes = parts_->filter.by_selector();
  const std::uint64_t start = clock_ + 1;
  const std::size_t size = input.size();
  std::size_t i = 0;
  while (i < size) {
    const std::size_t end = std::min(size, i + kTallySpan);
    std::uint64_t tally = 0;
    for (; i < end; ++i) {
      const unsigned selector = input.selector(i);
      const std::int64_t page = input.template page<kShift>(i);
      mmu::Lane& lane = *lanes[selector];
      const std::size_t slot = static_cast<std::uint64_t>(page) & lane.mask;
      tally += kTally[selector];
      if (lane.pages[slot] == page) [[likely]] {
        if constexpr (kObservation == policy::Observation::LastUse) lane.times[slot] = start + i;
        if constexpr (kObservation == policy::Observation::Runs) parts_->touches.extend_run(lane.frames[slot]);
      } else if (!step<kObservation>(input.address(i), selector, start + i)) {
        accesses_ += count(tally - kTally[selector]);
        return i;
      }
    }
    accesses_ += count(tally);
  }
  return size;
}

template <class Ways>
std::uint64_t Core<Ways>::count(std::uint64_t packed_tally) {
  std::uint64_t total = 0;
  for (unsigned i = 0; i < kAccessKinds; ++i) {
    const std::uint64_t accesses = packed_tally >> (16 * i) & 0xffff;
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
template <policy::Observation kObservation>
bool Core<Ways>::step(VirtAddr address, unsigned selector, std::uint64_t time) {
  now_ = time;
  std::uint64_t tally = 0;
  if (selector >= kAccessKinds) {
    const unsigned kind = selector ^ kSecondHalfSelector;
    if (kind >= kAccessKinds)
      return refuse({ErrorCode::InvalidArgument, "kind: expected 0 (fetch), 1 (load), 2 (store) or 3 (modify), got " +
                                                     std::to_string(selector)});
    // The half that lies in the same larger page as the first one is no look-up of its own.
    if (offset_in_page(address, config_.page_size) != 0) return true;
    selector = kind;
    tally = kTally[kind];
  }
  if (!is_canonical(address, parts_->mmu.virtual_bits()))
    return refuse({ErrorCode::NotCanonical, "expected an address that is canonical for " +
                                                std::to_string(parts_->mmu.virtual_bits()) + " bits, got " +
                                                hex(address.value())});
  const auto kind = static_cast<AccessKind>(selector);
  const bool split = kind == AccessKind::Modify && config_.modify == Modify::Twice;
  const bool done = split ? translate<kObservation>(address, AccessKind::Load, time) &&
                                translate<kObservation>(address, AccessKind::Store, time)
                          : translate<kObservation>(address, kind, time);
  if (done && tally != 0) count(tally);
  return done;
}

template <class Ways>
template <policy::Observation kObservation>
bool Core<Ways>::translate(VirtAddr address, AccessKind kind, std::uint64_t time) {
  const paging::AccessType access{.operation = mmu::operation_of(kind)};
  inserted_ = false;
  for (;;) {
    paging::WalkResult walk;
    if (const auto found = parts_->mmu.translate(address, kind, access, walk)) {
      last_translation_ = *found;
      observe<kObservation>(address, kind, *found, time);
      return true;
    }
    if (!serve_fault(address, kind, walk, time)) return false;
  }
}

// The insert stood for the reference that faulted; any other is a use.
template <class Ways>
template <policy::Observation kObservation>
void Core<Ways>::observe(VirtAddr address, AccessKind kind, tlb::Translation found, std::uint64_t time) {
  const unsigned shift = shift_of(config_.page_size);
  const auto page = static_cast<std::int64_t>(address.value()) >> shift;
  const std::uint64_t frame = found.physical(address).value() >> shift;
  TouchLog& touches = parts_->touches;
  const std::uint64_t use = kObservation == policy::Observation::LastUse && !inserted_ ? time : 0;
  const bool kept = parts_->filter.remember(kind, page, frame, found.page, use, [&](std::uint64_t left, std::uint64_t at) {
    touches.push(FrameIndex(left), at);
  });
  if constexpr (kObservation == policy::Observation::LastUse)
    if (!kept && use != 0) touches.push(FrameIndex(frame), use);
  if constexpr (kObservation == policy::Observation::Runs)
    if (!inserted_) touches.extend_run(frame);
}

template <class Ways>
bool Core<Ways>::step_observed(VirtAddr address, unsigned selector, std::uint64_t time) {
  switch (observation_) {
    case policy::Observation::LastUse: return step<policy::Observation::LastUse>(address, selector, time);
    case policy::Observation::Runs: return step<policy::Observation::Runs>(address, selector, time);
    case policy::Observation::Nothing: break;
  }
  return step<policy::Observation::Nothing>(address, selector, time);
}

template <class Ways>
Result<AccessOutcome> Core<Ways>::access(VirtAddr address, AccessKind kind) {
  const auto selector = static_cast<unsigned>(kind);
  stop_ = Stop::End;
  last_fault_ = mm::FaultKind::None;
  if (!step_observed(address, selector, clock_ + 1)) {
    if (stop_ == Stop::Pending) reply_.reset();
    if (stop_ == Stop::Pending)
      return Error{ErrorCode::AsyncHandler, "expected an answer from the fault handler, got a promise of one; only "
                                            "run() can wait for it"};
    return error_;
  }
  count(kTally[selector]);
  ++clock_;
  return AccessOutcome{last_translation_.physical(address), last_translation_.size, last_fault_};
}

// --- faults ---------------------------------------------------------------------------------------

template <class Ways>
bool Core<Ways>::serve_fault(VirtAddr address, AccessKind kind, const paging::WalkResult& walk, std::uint64_t time) {
  mm::FaultKind fault = parts_->pager.classify(walk);
  if (observation_ == policy::Observation::Runs) settle();
  auto outcome = mm::FaultOutcome::Pass;
  if (handler_ != nullptr) {
    const auto reply = ask_handler(address, kind, walk, fault);
    if (!reply) return false;
    outcome = reply->outcome;
  }
  parts_->mmu.count_faulted_walk();
  if (outcome != mm::FaultOutcome::Retry) retries_ = 0;
  switch (outcome) {
    case mm::FaultOutcome::Pass: return resolve(fault, address, walk, time);
    case mm::FaultOutcome::ResolvedMinor: return resolve(mm::FaultKind::Minor, address, walk, time);
    case mm::FaultOutcome::ResolvedMajor: return resolve(mm::FaultKind::Major, address, walk, time);
    case mm::FaultOutcome::Retry:
      if (++retries_ <= kMaxRetries) return true;
      retries_ = 0;
      return refuse({ErrorCode::HandlerAnswer, "the fault handler answered 'retry' " + std::to_string(kMaxRetries + 1) +
                                                   " times in a row for " + hex(address.value())});
    case mm::FaultOutcome::OutOfMemory:
      return refuse({ErrorCode::OutOfMemory, "the fault handler answered 'out-of-memory' for " + hex(address.value())});
    case mm::FaultOutcome::BusError:
      ++faults_.protection;
      return refuse({ErrorCode::BusError, "the fault handler answered 'bus-error' for " + hex(address.value())});
    case mm::FaultOutcome::SegmentationFault: break;
  }
  ++faults_.protection;
  return refuse({ErrorCode::SegmentationFault,
                 "the fault handler answered 'segmentation-fault' for " + hex(address.value())});
}

// Nothing: the answer comes later, or the handler broke down.
template <class Ways>
std::optional<mm::FaultReply> Core<Ways>::ask_handler(VirtAddr address, AccessKind kind,
                                                      const paging::WalkResult& walk, mm::FaultKind fault) {
  mm::FaultReply reply;
  if (reply_) {
    reply = *reply_;
    reply_.reset();
  } else {
    reply = handler_->handle({address, walk.error_code, kind, fault, instruction_pointer(address, kind)});
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
bool Core<Ways>::resolve(mm::FaultKind fault, VirtAddr address, const paging::WalkResult& walk, std::uint64_t time) {
  if (walk.end != paging::WalkEnd::NotPresent) {
    ++faults_.protection;
    return refuse({ErrorCode::SegmentationFault, "the page tables refuse the access to " + hex(address.value())});
  }
  if (!parts_->pager.serve(address, walk, time))
    return refuse({ErrorCode::OutOfMemory, "no frame is free for the page at " + hex(address.value()) +
                                               " and nothing can be evicted (" +
                                               std::to_string(parts_->memory.frames()) + " frames, " +
                                               std::to_string(parts_->mapper.table_count()) + " of them tables)"});
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

// The address of the last fetch before the access, where the accesses tell.
template <class Ways>
std::optional<VirtAddr> Core<Ways>::instruction_pointer(VirtAddr address, AccessKind kind) const {
  if (kind == AccessKind::Fetch) return address;
  for (std::size_t i = words_.empty() ? 0 : now_ - words_start_; i-- > 0;)
    if (kind_of(words_[i]) == AccessKind::Fetch && !is_second_half(words_[i])) return pw::address_of(words_[i]);
  return last_fetch_;
}

// --- what memory management asks ----------------------------------------------------------------

template <class Ways>
void Core<Ways>::settle() {
  TouchLog& touches = parts_->touches;
  if (observation_ == policy::Observation::LastUse)
    parts_->filter.drain([&](std::uint64_t frame, std::uint64_t time) { touches.push(FrameIndex(frame), time); });
  touches.deliver();
}

template <class Ways>
void Core<Ways>::forget(VirtAddr page) {
  parts_->mmu.invalidate(page);
  if (config_.structure_caches_on_evict == StructureCachesOnEvict::All) parts_->mmu.invalidate_structure_caches();
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
      if (!path.empty() && path[0] == &tlb) lookups += lookups_[kind];
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
std::vector<std::string> Core<Ways>::validate() const {
  return validate_machine(HealthView{.memory = parts_->memory,
                                     .frames = parts_->frames,
                                     .allocator = parts_->allocator,
                                     .mapper = parts_->mapper,
                                     .resident_pages = parts_->pager.counters().resident_pages,
                                     .page_size = config_.page_size},
                          parts_->mmu.structure_caches(), [this](const auto& visit) {
                            for (const auto& tlb : parts_->mmu.tlbs().tlbs())
                              tlb.for_each([&](tlb::Tag tag, tlb::Entry entry) { visit(tlb.name(), tag, entry); });
                          });
}

template class Core<tlb::LruWays>;
template class Core<tlb::FifoWays>;
template class Core<tlb::TreePlruWays>;
template class Core<tlb::RandomWays>;
template class Core<tlb::SrripWays>;

}  // namespace pw::machine
