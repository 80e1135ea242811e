// SPDX-License-Identifier: MIT
// A process's view of memory: its page tables, its VMAs, what it counts and may have. What the memory calls
// (mm/calls/) and the fault handlers (mm/fault/) are made of.
//
// - Whatever is mapped lies in a VMA, with no more rights than the VMA has.
// - Neighbors that may merge are merged whenever one of them is added or changed, by Linux's rules (mm/vma.c).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/slab.h"
#include "mm/errno.h"
#include "mm/kernel.h"
#include "mm/limits.h"
#include "mm/vma_tree.h"
#include "paging/leaf_tables.h"
#include "paging/mapper.h"

namespace pw::mm {

// Where things are in an address space.
struct Layout {
  VirtPage user_end;   // TASK_SIZE
  VirtPage mmap_base;  // mappings without an address go below
  VirtPage brk_start;
  VirtPage stack_end;

  // As Linux lays out a program without randomization: the stack at the top, room for it to grow to its limit, at
  // least 128 MiB; the heap above a small program.
  static Layout of(const KernelConfig& config, const Limits& limits);
};

// In pages.
struct SpaceCounters {
  std::uint64_t total = 0;   // total_vm
  std::uint64_t data = 0;    // private and writable
  std::uint64_t exec = 0;    // executable and not writable
  std::uint64_t stack = 0;   // growing
  std::uint64_t locked = 0;  // in locked VMAs
  std::array<std::uint64_t, kPageKinds> resident{};
  std::uint64_t swapped = 0;  // entries that name a slot
};

struct UserFaultFeatures;

class AddressSpace {
 public:
  // nullptr: no frame can be had for the root table.
  static std::unique_ptr<AddressSpace> make(Kernel& kernel, const Limits& limits);
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;
  // Gives everything back.
  ~AddressSpace();

  Kernel& kernel() const { return kernel_; }
  SpaceId id() const { return id_; }
  PhysAddr root() const { return mapper_.root(); }
  const paging::Mapper& mapper() const { return mapper_; }
  paging::Mapper& mapper() { return mapper_; }
  // Each VMA complete.
  const VmaTree& vmas() const {
    vmas_.settle();
    return vmas_;
  }
  // For faults: a VMA may not know yet of the family that it got from one.
  const VmaTree& vmas_unsettled() const { return vmas_; }
  Layout& layout() { return layout_; }
  const Layout& layout() const { return layout_; }
  Limits& limits() { return limits_; }
  const Limits& limits() const { return limits_; }
  const SpaceCounters& counters() const { return counters_; }
  // The end of the heap, in bytes; the heap begins at layout().brk_start.
  std::uint64_t brk() const { return brk_; }
  void set_brk(std::uint64_t brk) { brk_ = brk; }
  // Flags of every new VMA: mlockall(MCL_FUTURE).
  std::uint32_t default_flags() const { return default_flags_; }
  void set_default_flags(std::uint32_t flags) { default_flags_ = flags; }

  // For ranges whose faults are handled by the process: what userfaultfd(2) opens.
  std::shared_ptr<UserFaults> open_user_faults(UserFaultFeatures features);
  // REQUIRES: no VMA has it.
  void close_user_faults(const UserFaults& user);

  // What the limits allow.
  bool may_expand(std::uint32_t flags, std::uint64_t pages) const;
  bool may_lock(std::uint32_t flags, std::uint64_t pages) const;
  bool has_too_many_vmas() const { return vmas_.size() >= kernel_.config().max_map_count; }
  bool charge(std::uint64_t pages) { return kernel_.commit().charge(pages, counters_.total); }

  // Where new mappings go: the address asked for if there is room, else the highest room below mmap_base, else the
  // lowest above it. `fixed` takes the address as it is. Errors: ENOMEM, EPERM (below the least address).
  CallResult find_room(std::uint64_t hint, std::uint64_t bytes, bool fixed) const;
  // MAP_32BIT: the lowest room in the second GiB.
  CallResult find_room_below_2gib(std::uint64_t bytes) const;
  // The guard gap below a stack counts as taken.
  VirtPage first_with_guard(const Vma& vma) const;

  // A new VMA, or the neighbor that it became part of. REQUIRES: the range is free.
  Vma& add(Area area);
  // A new VMA that is never merged. REQUIRES: the range is free.
  Vma& insert(Area area);
  // `more` continues the VMA and becomes part of it; so does what lies behind it, if it may.
  void extend(Vma& vma, Area more);
  // The upper part, beginning at `at`, becomes a VMA of its own.
  Vma& split(Vma& vma, VirtPage at);
  // The pages of a range inside the VMA become what `wanted` says of flags and key, alone or as part of a
  // neighbor. nullptr: there are too many VMAs. Entries are left as they are.
  Vma* change(Vma& vma, PageRange range, const Area& wanted);
  void resize(Vma& vma, PageRange range);
  // The pages of a range inside the VMA were moved away, and it stays (MREMAP_DONTUNMAP): it is not locked any
  // more, and without anonymous pages if that was all of it.
  void leave_emptied(Vma& vma, PageRange range);
  // The faults of the VMA are no handler's any more; it is not merged for that.
  void take_from_handler(Vma& vma);
  // Nothing is left of the range. Errors: ENOMEM (a VMA would have to be split and there are too many).
  Errno unmap(PageRange range);
  // The VMA gets an anonymous page: it has a family afterwards.
  void join_family(const Vma& vma) {
    if (vma.anon.id == 0) join_family(vmas_.digest_holding(vma.range.first), vma.range.first);
  }
  // The same where `digest` is vmas_unsettled().digest_holding(page), just asked.
  void join_family(VmaDigest digest, VirtPage page) {
    if (!digest.has_family()) find_family(page);
  }

  // The leaf's place; tables are made, evicting if need be. Nothing if no frame can be had.
  std::optional<paging::Leaf> ensure_leaf(VirtPage page);
  std::optional<paging::Leaf> find_leaf(VirtPage page) const {
    return mapper_.find_slot(address_of(page), paging::kPt);
  }
  // REQUIRES: the leaf maps nothing.
  PW_ALWAYS_INLINE void map(const Vma& vma, VirtPage page, const paging::Leaf& leaf, FrameIndex frame,
                            paging::Entry entry) {
    map_unlocked(page, leaf, frame, entry);
    if (vma.has(vm::kLocked)) kernel_.lock_page(frame);
  }
  // The same of a VMA that is not locked.
  PW_ALWAYS_INLINE void map_unlocked(VirtPage page, const paging::Leaf& leaf, FrameIndex frame,
                                     paging::Entry entry) {
    mapper_.write(leaf, entry);
    kernel_.reverse_map().add(frame, leaf, id_, page);
    phys::FrameRecord& record = kernel_.frames()[frame];
    record.set_references(record.references() + 1);
    ++counters_.resident[static_cast<std::size_t>(kernel_.record(frame).kind)];
  }
  // Whatever the leaf says is gone. The caller owes the invalidation.
  void unmap(const Vma& vma, const paging::Leaf& leaf);
  // The entry goes from one leaf to another, which maps nothing. The caller owes the invalidation.
  void move_entry(const paging::Leaf& from, VirtPage to_page, const paging::Leaf& to);
  // Calls visit(page, Leaf) for the entries of a range that say anything.
  template <class Visit>
  void for_each_leaf(PageRange range, Visit visit) {
    if (range.is_empty()) return;
    for_each_table(range, [&](const paging::LeafRun& run) {
      for (unsigned i = run.from; i < run.to; ++i)
        if (run.slots[i] != 0) visit(run.page(i), paging::Leaf{run.slots + i, run.address(i), paging::kPt});
    });
  }
  template <class Visit>
  void for_each_table(PageRange range, Visit visit) {
    paging::for_each_leaf_table(kernel_.memory(), mapper_.root(), mapper_.levels(), range.first.value(),
                                range.end.value(), visit);
  }
  // The pages of a range are gone; the VMA stays.
  void zap(const Vma& vma, PageRange range);
  // For the kernel, which took a frame away: the entry becomes `left`.
  void page_left(const Mapping& mapping, PageKind kind, paging::Entry left);
  void count_swapped(std::int64_t entries) { counters_.swapped += static_cast<std::uint64_t>(entries); }

  // VMAs, counters and entries agree; each violation one sentence. Empty: healthy.
  std::vector<std::string> validate();

 private:
  AddressSpace(Kernel& kernel, const Limits& limits);

  void account(std::uint32_t flags, std::uint64_t pages, bool added);
  void recount(const Vma& vma, std::uint32_t flags);
  void remove(Vma& vma);
  bool joins_left(const Vma* left, const Area& area) const;
  bool joins_right(const Area& area, const Vma* right) const;
  void find_family(VirtPage page);
  AnonFamily family_for(const Vma& vma);
  void set_start(Vma& vma, VirtPage first);
  void check_entry(const Vma* vma, VirtPage page, paging::Entry entry,
                   std::vector<std::string>& violations) const;

  Kernel& kernel_;
  SpaceId id_;
  paging::Mapper mapper_;
  Slab<Vma> vma_slab_;
  VmaTree vmas_;
  Layout layout_;
  Limits limits_;
  SpaceCounters counters_;
  std::uint64_t brk_ = 0;
  std::uint32_t default_flags_ = 0;
  std::vector<std::shared_ptr<UserFaults>> user_faults_;
};

}  // namespace pw::mm
