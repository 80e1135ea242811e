// SPDX-License-Identifier: MIT
// The machine itself: one core's MMU over one memory, demand paging, and the loop that everything
// exists for. What a way choice, an observation or a page size decides is decided at compile time.
//
// The loop's fast path is the MRU filter (mmu/mru_filter.h). Everything else is step(), out of line.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "machine/input.h"
#include "machine/machine.h"
#include "machine/touch_log.h"
#include "mm/pager.h"
#include "mmu/mmu.h"
#include "mmu/mru_filter.h"
#include "phys/bitmap_allocator.h"

namespace pw::machine {

// Everything that reset() builds anew.
template <class Ways>
struct Parts {
  Parts(const Config& config, mm::Translations& translations);

  phys::PhysicalMemory memory;
  phys::FrameTable frames;
  phys::BitmapAllocator allocator;
  paging::Mapper mapper;
  mmu::Mmu<Ways> mmu;
  mm::Pager pager;
  Rng rng;
  mmu::MruFilter filter;
  TouchLog touches;
};

template <class Ways>
class Core final : public Machine, private mm::Translations {
 public:
  explicit Core(const Config& config);

  const Config& config() const override { return config_; }
  Progress replay(std::span<const PackedAccess> words) override;
  Progress replay(std::span<const std::uint64_t> addresses, std::span<const std::uint8_t> kinds) override;
  Result<AccessOutcome> access(VirtAddr address, AccessKind kind) override;
  const Error& error() const override { return error_; }
  void set_fault_handler(mm::FaultHandler* handler) override { handler_ = handler; }
  void resume(mm::FaultReply reply) override { reply_ = reply; }
  Stats stats() const override;
  std::uint64_t faults() const override { return faults_.minor + faults_.major + faults_.protection; }
  void reset_peaks() override { parts_->pager.reset_peak(); }
  void reset() override;
  std::vector<std::string> validate() const override;

 private:
  static constexpr unsigned kMaxRetries = 16;

  // How many accesses of the input were simulated; fewer than all if one stopped.
  template <class Input>
  Progress run(Input input);
  template <policy::Observation kObservation, class Input>
  std::size_t run_sized(Input input);
  template <policy::Observation kObservation, unsigned kShift, class Input>
  std::size_t loop(Input input);

  // One access, whatever it needs. False: it stopped, stop_ says how.
  template <policy::Observation kObservation>
  PW_NOINLINE bool step(VirtAddr address, unsigned selector, std::uint64_t time);
  template <policy::Observation kObservation>
  bool translate(VirtAddr address, AccessKind kind, std::uint64_t time);
  template <policy::Observation kObservation>
  void observe(VirtAddr address, AccessKind kind, tlb::Translation found, std::uint64_t time);
  bool step_observed(VirtAddr address, unsigned selector, std::uint64_t time);

  PW_NOINLINE bool serve_fault(VirtAddr address, AccessKind kind, const paging::WalkResult& walk, std::uint64_t time);
  std::optional<mm::FaultReply> ask_handler(VirtAddr address, AccessKind kind, const paging::WalkResult& walk,
                                            mm::FaultKind fault);
  bool resolve(mm::FaultKind fault, VirtAddr address, const paging::WalkResult& walk, std::uint64_t time);
  bool refuse(Error error);
  // Adds to the look-ups by kind; how many accesses there were.
  std::uint64_t count(std::uint64_t packed_tally);
  void configure_filter();
  std::optional<VirtAddr> instruction_pointer(VirtAddr address, AccessKind kind) const;

  void settle() override;
  void forget(VirtAddr page) override;

  Config config_;
  std::unique_ptr<Parts<Ways>> parts_;
  policy::Observation observation_ = policy::Observation::Nothing;
  std::uint64_t accesses_ = 0;                           // of this replay, second halves left out
  std::uint64_t clock_ = 0;                              // references so far: the time of the last one
  std::array<std::uint64_t, kAccessKinds> lookups_{};    // of the first level, by kind
  FaultStats faults_;
  std::uint64_t invalidations_ = 0;

  mm::FaultHandler* handler_ = nullptr;
  std::optional<mm::FaultReply> reply_;                  // of a handler that answered later
  unsigned retries_ = 0;
  Stop stop_ = Stop::End;
  Error error_;
  bool inserted_ = false;                                // the access under way loaded its page
  mm::FaultKind last_fault_ = mm::FaultKind::None;
  tlb::Translation last_translation_;
  std::span<const PackedAccess> words_;                  // under replay, for the instruction pointer
  std::uint64_t words_start_ = 0;                        // the time before the first of them
  std::uint64_t now_ = 0;                                // the time of the access under way
  std::optional<VirtAddr> last_fetch_;                   // of earlier spans, kept while a handler is set
};

extern template class Core<tlb::LruWays>;
extern template class Core<tlb::FifoWays>;
extern template class Core<tlb::TreePlruWays>;
extern template class Core<tlb::RandomWays>;
extern template class Core<tlb::SrripWays>;

}  // namespace pw::machine
