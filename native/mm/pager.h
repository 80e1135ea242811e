// SPDX-License-Identifier: MIT
// Demand paging of one address space: gives pages frames when they are touched, takes them back when
// the resident limit or the memory is reached.
//
// First touch: a zeroed frame (minor fault). Touch after an eviction: swap-in (major fault). A page
// stored to since it was loaded or last written back is written back when it leaves; its swap slot is
// kept while the copy is clean. The limit counts pages that hold data, not tables.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/access.h"
#include "mm/fault/handler.h"
#include "mm/swap/entry.h"
#include "mm/swap/slots.h"
#include "mm/translations.h"
#include "paging/mapper.h"
#include "paging/walker.h"
#include "phys/frame_allocator.h"
#include "phys/frame_table.h"
#include "phys/memory.h"
#include "policy/replacement/policy.h"

namespace pw::mm {

// The physical memory that a pager works on.
struct PhysicalParts {
  phys::PhysicalMemory& memory;
  phys::FrameAllocator& allocator;
  phys::FrameTable& frames;
};

struct PagerCounters {
  std::uint64_t evictions = 0;
  std::uint64_t writebacks = 0;
  std::uint64_t resident_pages = 0;
  std::uint64_t peak_resident_pages = 0;
};

class Pager final : public policy::AccessedBits, public policy::DirtyBits {
 public:
  // `limit` in pages of `size`; 0: the memory is the limit.
  // REQUIRES: set_policy is called before serve.
  Pager(PhysicalParts parts, paging::Mapper& mapper, Translations& translations, PageSize size,
        std::uint64_t limit);

  void set_policy(std::unique_ptr<policy::ReplacementPolicy> policy) {
    policy_ = std::move(policy);
    announces_faults_ = policy_->expects_faults() || policy_->may_give_up();
  }
  policy::ReplacementPolicy& policy() { return *policy_; }
  // Frame indices that policies see, in units of the page size, are below this.
  std::uint64_t policy_frames() const { return (parts_.frames.frames() >> order_) + 1; }
  std::uint64_t capacity() const;

  // What a faulted walk is about, and a fault on an entry that is not present.
  FaultKind classify(const paging::WalkResult& walk) const;
  static FaultKind classify(paging::Entry absent) {
    return SwapEntry::is_evicted(absent) ? FaultKind::Major : FaultKind::Minor;
  }
  // Where the walk found the page's leaf entry; no slot if it did not come so far.
  paging::Leaf leaf_at(const paging::WalkResult& walk) const;
  // Maps the page of a fault that is not a protection fault, with the Accessed and Dirty bits that the access
  // sets when it is made again; false if no frame can be had. The leaf entry's place is looked up if it has no slot.
  bool serve(VirtAddr address, AccessKind kind, const paging::Leaf& leaf, std::uint64_t time);

  bool test_and_clear(FrameIndex unit) override;
  bool test(FrameIndex unit) override;
  // Of the page in a frame that a policy sees.
  VirtAddr address_of(FrameIndex unit) const {
    const phys::FrameRecord& record = parts_.frames[FrameIndex(unit.value() << order_)];
    return sign_extend(record.owner().value() << kFrameShift, kMaxVirtBits);
  }

  // Whether so many pages, and their tables, can be loaded without an eviction. REQUIRES: the policy never gives up pages.
  bool has_room(std::uint64_t pages) const {
    const std::uint64_t frames = pages * ((1ull << order_) + mapper_.levels() - 1);
    return (limit_ == 0 || counters_.resident_pages + pages <= limit_) &&
           parts_.allocator.free_count() >= frames;
  }
  const PagerCounters& counters() const { return counters_; }
  // Starts the peak anew, at the end of a warm-up.
  void reset_peak() { counters_.peak_resident_pages = counters_.resident_pages; }
  std::uint64_t swap_slots_in_use() const { return slots_.in_use(); }

 private:
  void announce_fault(VirtPage page, std::uint64_t time);
  phys::MaybeFrame take_frame();
  std::optional<paging::Leaf> make_leaf(VirtAddr page);
  bool evict();
  paging::Entry page_out(phys::FrameRecord& record, paging::Entry leaf);
  paging::Leaf leaf_of(VirtAddr page) const;

  PhysicalParts parts_;
  paging::Mapper& mapper_;
  Translations& translations_;
  PageSize size_;
  unsigned order_;
  std::uint64_t limit_;
  std::unique_ptr<policy::ReplacementPolicy> policy_;
  bool announces_faults_ = false;  // to the policy, to which they matter
  SwapSlots slots_;
  PagerCounters counters_;
};

}  // namespace pw::mm
