// SPDX-License-Identifier: MIT
// The machine itself: one core's MMU over one memory, demand paging, and the loop that everything
// exists for. What a way choice, an observation or a page size decides is decided at compile time.
//
// The loop's fast path is the hit filter (mmu/hit_filter.h). Everything else is step(), out of line.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "base/boot_sequence.h"
#include "machine/core/input.h"
#include "machine/core/miss_log.h"
#include "machine/core/route.h"
#include "machine/core/touch_log.h"
#include "machine/machine.h"
#include "mm/pager.h"
#include "mmu/hit_filter.h"
#include "mmu/mmu.h"
#include "phys/bitmap_allocator.h"
#include "tlb/any_ways.h"

namespace pw::machine {

// What reset() builds anew, whatever the way choice.
struct MemoryParts {
  // The steps of the boot are its members.
  MemoryParts(const Config& config, BootSequence& boot);

  phys::MemoryMap map;
  phys::PhysicalMemory memory;
  phys::FrameTable frames;
  phys::BitmapAllocator allocator;
  paging::Mapper mapper;
};

// Everything that reset() builds anew.
template <class Ways>
struct Parts : MemoryParts {
  Parts(const Config& config, mm::Translations& translations, policy::WithheldUses& uses, BootSequence& boot);

  mmu::Mmu<Ways> mmu;
  mm::Pager pager;
  Rng rng;
  mmu::HitFilter<Ways> filter;
  TouchLog touches;
  policy::LastUses last_uses;
  MissLog misses;
};

// What a machine's configuration decides for the loop. Without kSmall the page size is asked for at run time.
template <policy::Observation kObservationValue, bool kSmall>
struct Modes {
  static constexpr policy::Observation kObservation = kObservationValue;
  static constexpr bool kHasSmallPages = kSmall;
  static constexpr mmu::Frames kFrames =
      kObservation == policy::Observation::Runs ? mmu::Frames::Kept : mmu::Frames::Unused;
};

enum class Step : std::uint8_t { Stopped, Done, Walked };

template <class Ways>
class Core final : public Machine, private mm::Translations, private policy::WithheldUses {
 public:
  // Throws BootFailure.
  Core(const Config& config, BootSequence& boot);

  const Config& config() const override { return config_; }
  Progress replay(std::span<const PackedAccess> words) override;
  Progress replay(std::span<const std::uint64_t> addresses, std::span<const std::uint8_t> kinds) override;
  Result<AccessOutcome> access(VirtAddr address, AccessKind kind) override;
  const Error& error() const override { return error_; }
  void set_fault_handler(mm::FaultHandler* handler) override { handler_ = handler; }
  void resume(mm::FaultReply reply) override { reply_ = reply; }
  void settle_uses() override { settle(); }
  TableView tables() const override { return {parts_->memory, parts_->mmu.root(), config_.levels}; }
  Stats stats() const override;
  BatchTotals totals() const override;
  std::uint64_t faults() const override { return faults_.minor + faults_.major + faults_.protection; }
  void reset_peaks() override { parts_->pager.reset_peak(); }
  void reset() override;
  HealthReport health() const override;
  const BootLog& boot_log() const override { return boot_log_; }

 private:
  static constexpr unsigned kMaxRetries = 16;

  using NearTable = typename mmu::Mmu<Ways>::NearTable;
  using Upper = typename mmu::Mmu<Ways>::Upper;

  template <class Input>
  Progress run(Input input, std::size_t size);
  template <class Run>
  auto with_modes(Run run);
  // The access that stopped, or the end.
  template <class M, class Input>
  Time loop(Input input, Time end);
  template <class Input>
  PW_NOINLINE void look_ahead(Input input, Time at, Time end);

  // One access, whatever it needs.
  template <class M>
  PW_NOINLINE Step step(VirtAddr address, unsigned selector, Time at);
  // The same in one straight line, for what the filter does not know most often: a named address on a route.
  template <class M, std::uint32_t kFirstWays, std::uint32_t kSecondWays>
  static Step step_on_route(Core& core, VirtAddr address, unsigned selector, Time at);
  template <class M>
  static Step any_step(Core& core, VirtAddr address, unsigned selector, Time at) {
    core.template catch_up<M>();
    return core.template step<M>(address, selector, at);
  }
  using StepFunction = Step (*)(Core&, VirtAddr, unsigned, Time);
  template <class M>
  static constexpr bool can_ever_go_ahead() {
    return std::is_same_v<Ways, tlb::LruWays> && M::kHasSmallPages &&
           M::kObservation != policy::Observation::Runs;
  }
  bool can_go_ahead() const;
  // Whether the host's caches do not hold the leaf entries that are in use.
  bool needs_to_look_ahead() const { return parts_->mapper.table_count() > config_.tables_in_reach; }
  // is_canonical() in an addition and a comparison.
  bool is_in_space(VirtAddr address) const { return address.value() + half_space_ < 2 * half_space_; }
  template <class M>
  void choose_steps();
  template <class M>
  StepFunction step_for(AccessKind kind) const;
  template <class M, std::uint32_t kFirstWays>
  StepFunction step_for(const Route& route) const;
  template <class M, std::uint32_t kFirstWays>
  static Step use_on_route(Core& core, tlb::Way<kFirstWays> known, VirtAddr address, unsigned selector,
                           Time at);
  // The first of its two stages alone.
  template <class M, std::uint32_t kFirstWays>
  static Step go_ahead(Core& core, VirtAddr address, unsigned selector, Time at);
  template <class M>
  void catch_up();
  template <class M, std::uint32_t kSecondWays>
  void catch_up(const MissLog::Miss& miss);
  tlb::Entry with_dirty(const MissLog::Miss& miss, tlb::Entry page);
  PW_NOINLINE bool walk_and_serve(VirtAddr address, const Upper* pde, AccessKind kind, Time at,
                                  tlb::Entry& page);
  bool load_near(const NearTable& table, VirtAddr address, AccessKind kind, Time at);
  template <class M>
  bool translate(VirtAddr address, AccessKind kind, Time at);
  template <class M>
  bool use_first(mmu::FilteredArray<Ways>& first, tlb::Place place, VirtAddr address,
                 const mmu::PageName& name, AccessKind kind, Time at);
  template <class M>
  void fill_first(mmu::FilteredArray<Ways>& first, VirtAddr address, const mmu::PageName& name,
                  tlb::Entry page, Time at);
  // A use of a page, for a policy that observes them.
  template <class M>
  void tell(std::uint64_t frame, Time use) {
    if constexpr (M::kObservation == policy::Observation::LastUse)
      parts_->last_uses.note(FrameIndex(frame), use);
  }
  template <class M>
  PageSize page_size() const {
    return M::kHasSmallPages ? PageSize::Size4KiB : config_.page_size;
  }
  template <class M>
  std::int64_t signed_page(VirtAddr address) const {
    return static_cast<std::int64_t>(address.value()) >> shift_of(page_size<M>());
  }
  // In units of the page size.
  template <class M>
  std::uint64_t frame_of_unit(tlb::Entry page) const {
    return page.page(page_size<M>()).value() >> shift_of(page_size<M>());
  }

  PW_NOINLINE bool serve_fault(VirtAddr address, AccessKind kind, const paging::WalkResult& walk, Time at);
  std::optional<mm::FaultReply> ask_handler(VirtAddr address, AccessKind kind, const paging::WalkResult& walk,
                                            mm::FaultKind fault, Time at);
  bool resolve(mm::FaultKind fault, VirtAddr address, AccessKind kind, const paging::WalkResult& walk,
               Time at);
  bool load_page(mm::FaultKind fault, VirtAddr address, AccessKind kind, const paging::Leaf& leaf, Time at);
  bool refuse(Error error);
  PW_NOINLINE bool refuse_page(VirtAddr address);
  Step refuse_address(VirtAddr address);
  Step refuse_kind(unsigned kind);
  std::optional<VirtAddr> instruction_pointer(VirtAddr address, AccessKind kind, Time at);
  void note_fetches(std::size_t end);

  void build(BootSequence& boot);
  PW_NOINLINE bool is_healthy();
  void configure_filter();
  void configure_route(AccessKind kind);
  void settle_counts();
  // Adds to the look-ups by kind; how many accesses there were.
  std::uint64_t count(std::uint64_t packed_tally);

  void settle() override;
  void forget(VirtAddr page) override;
  std::uint64_t last_use(FrameIndex frame) override;
  void deliver_all() override;

  Config config_;
  BootLog boot_log_;
  std::unique_ptr<Parts<Ways>> parts_;
  std::array<Route, kAccessKinds> routes_;  // by kind
  // Where they stand: a place that is loaded is kept, one that is computed would be computed at each use.
  std::array<Route*, kAccessKinds> route_of_{};
  policy::Observation observation_ = policy::Observation::Nothing;
  std::uint64_t accesses_ = 0;                         // of this replay, second halves left out
  Time clock_ = 0;                                     // references so far: the time of the last one
  std::array<std::uint64_t, kAccessKinds> lookups_{};  // of the first level, by kind
  FaultStats faults_;
  std::uint64_t invalidations_ = 0;

  mm::FaultHandler* handler_ = nullptr;
  std::optional<mm::FaultReply> reply_;  // of a handler that answered later
  unsigned retries_ = 0;
  Stop stop_ = Stop::End;
  Error error_;
  std::uint64_t half_space_ = 0;  // in bytes: what is canonical above 0
  std::array<StepFunction, kAccessKinds> steps_{};
  bool inserted_ = false;  // the access under way loaded its page
  mm::FaultKind last_fault_ = mm::FaultKind::None;
  tlb::Translation last_translation_;
  Time looked_until_ = 0;                // how far look_ahead() has come
  std::span<const PackedAccess> words_;  // under replay, for the instruction pointer
  std::size_t noted_ = 0;                // of these, how many last_fetch_ has seen
  std::optional<VirtAddr> last_fetch_;   // kept while a handler is set
};

extern template class Core<tlb::LruWays>;
extern template class Core<tlb::AnyWays>;

}  // namespace pw::machine
