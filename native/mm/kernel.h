// SPDX-License-Identifier: MIT
// What all address spaces share: physical memory and its frames, the reverse map, swap, the resident set with
// its replacement policy, VM objects, the commit limit. Frames of data live and die here.
//
// - A frame of data has one reference for each entry that maps it and one for the object that caches it; the
//   last one frees it.
// - An anonymous page that two address spaces map is mapped without R/W in both.
// - A frame whose content is in a swap slot as well is in the swap cache until the slot or the frame goes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/boot_sequence.h"
#include "base/result.h"
#include "base/rng.h"
#include "mm/commit_limit.h"
#include "mm/hooks.h"
#include "mm/kernel_config.h"
#include "mm/leaf_entry.h"
#include "mm/resident_set.h"
#include "mm/reverse_map.h"
#include "mm/space_translations.h"
#include "mm/swap/space.h"
#include "mm/vm_object.h"
#include "phys/bitmap_allocator.h"
#include "phys/memory.h"

namespace pw::mm {

class AddressSpace;

// Asked when no frame is free and nothing can be evicted.
class OutOfMemory {
 public:
  virtual ~OutOfMemory() = default;
  // Whether frames may have become free.
  virtual bool relieve() = 0;
};

class Kernel final : public policy::AccessedBits, public policy::DirtyBits {
 public:
  static constexpr std::uint64_t kLeastFrames = 8;
  static constexpr std::uint64_t kMostSlots = 1ull << 31;

  // In the steps of a boot: throws BootFailure. REQUIRES: check(config) is empty.
  Kernel(const KernelConfig& config, SpaceTranslations& translations, BootSequence& boot);
  // The same for nobody who wants to know.
  Kernel(const KernelConfig& config, SpaceTranslations& translations, BootSequence&& boot = {})
      : Kernel(config, translations, boot) {}
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  // REQUIRES: no address space is left, and no object.
  ~Kernel() override;

  const KernelConfig& config() const { return config_; }
  phys::PhysicalMemory& memory() { return memory_; }
  const phys::PhysicalMemory& memory() const { return memory_; }
  phys::FrameTable& frames() { return frames_; }
  const phys::FrameTable& frames() const { return frames_; }
  phys::FrameAllocator& allocator() { return allocator_; }
  const phys::FrameAllocator& allocator() const { return allocator_; }
  PageRecord& record(FrameIndex frame) { return records_[frame.value()]; }
  const PageRecord& record(FrameIndex frame) const { return records_[frame.value()]; }
  ReverseMap& reverse_map() { return reverse_map_; }
  const ReverseMap& reverse_map() const { return reverse_map_; }
  SwapSpace& swap() { return swap_; }
  const SwapSpace& swap() const { return swap_; }
  ResidentSet& resident() { return resident_; }
  const ResidentSet& resident() const { return resident_; }
  CommitLimit& commit() { return commit_; }
  SpaceTranslations& translations() { return translations_; }
  FrameIndex zero_frame() const { return zero_frame_; }
  KernelCounters& counters() { return counters_; }
  const KernelCounters& counters() const { return counters_; }
  void set_out_of_memory(OutOfMemory* handler) { out_of_memory_ = handler; }

  // nullptr: none. REQUIRES: no operation is under way.
  void set_hooks(Hooks* hooks) { hooks_ = hooks; }
  Hooks* hooks() const { return hooks_; }
  // An operation failed for a hook; no frame is taken and nothing is evicted until somebody takes the failure.
  bool has_hook_failure() const { return hook_failure_.has_value(); }
  std::optional<HookFailure> take_hook_failure();
  // The first failure stays. REQUIRES: a hook was called.
  void fail_hook(HookPoint point, std::string message = {});

  // Address spaces by number, which are given again after a space is gone.
  SpaceId enter(AddressSpace& space);
  void leave(SpaceId space);
  AddressSpace& space(SpaceId space) const { return *spaces_[space]; }
  // Calls visit(AddressSpace&) for each.
  template <class Visit>
  void for_each_space(Visit visit) const {
    for (AddressSpace* space : spaces_)
      if (space != nullptr) visit(*space);
  }
  // A new identity for anonymous pages that are faulted in together.
  AnonFamily new_family() {
    AnonFamily family;
    family.id = ++families_;
    return family;
  }

  // Freed with its last user. REQUIRES: the kernel outlives it.
  std::shared_ptr<VmObject> make_object(ObjectKind kind, std::string name, std::uint64_t bytes);
  VmObject& object(std::uint32_t number) const { return *objects_[number]; }
  template <class Visit>
  void for_each_object(Visit visit) const {
    for (VmObject* object : objects_)
      if (object != nullptr) visit(*object);
  }

  // A frame for a page of an owner (see PageRecord), of unknown content and without references, evicting if need be;
  // nothing if none can be had.
  PW_ALWAYS_INLINE phys::MaybeFrame take_page(PageKind kind, std::uint32_t owner, std::uint64_t page) {
    resident_.on_fault(kind, owner, page);
    if (resident_.gives_up() || is_at_limit()) [[unlikely]]
      shrink();
    const auto frame = hooks_ == nullptr ? take_frame() : take_frame_for(kind, owner, page);
    if (frame) assign(*frame, kind, owner, page);
    return frame;
  }
  // Whether take_page() has to ask nobody, and nothing has to leave for the page's sake.
  bool has_free_page() const { return hooks_ == nullptr && allocator_.free_count() > 0 && !is_at_limit(); }
  // Makes sure that one can be had.
  bool ensure_free_frame();
  // One reference less; the last one frees the frame.
  void drop_reference(FrameIndex frame) {
    phys::FrameRecord& record = frames_[frame];
    PW_DCHECK(record.references() > 0);
    record.set_references(record.references() - 1);
    if (record.references() == 0) free_page(frame);
  }
  // REQUIRES: the frame was taken and nobody refers to it.
  void release_unused(FrameIndex frame) {
    frames_[frame].set_references(1);
    drop_reference(frame);
  }
  // The policy may choose the page from now on, unless it is locked or has nowhere to go.
  void make_evictable(FrameIndex frame, policy::Arrival arrival) {
    const PageRecord& record = records_[frame.value()];
    if (record.locks != 0 || record.is_evictable) return;
    if (record.kind != PageKind::File && !record.is_lazily_free && swap_.slots() == 0) return;
    resident_.insert(frame, arrival);
  }
  void lock_page(FrameIndex frame);
  void unlock_page(FrameIndex frame);

  // Contents, where the machine has them.
  void zero_page(FrameIndex frame) {
    if (config_.contents) memory_.zero_frame(frame);
  }
  void copy_page(FrameIndex from, FrameIndex to) {
    if (config_.contents) memory_.copy_frame(from, to);
  }

  // Gives up one page that the policy names; false if none can leave.
  bool evict();
  // Gives up this page now if it can leave.
  bool evict(FrameIndex frame);
  // The page comes from its slot into a frame, which is in the swap cache then; nothing if no frame can be had.
  struct SlotRead {
    FrameIndex frame;
    std::uint64_t device_ns = 0;
  };
  std::optional<SlotRead> read_slot(SwapSlot slot, const PageName& page);
  // Nobody else refers to the anonymous page, so that a store needs no copy.
  bool is_exclusive(FrameIndex frame) const {
    const phys::FrameRecord& record = frames_[frame];
    return record.references() == 1 && (record.swap_slot() == 0 || swap_.references(record.swap_slot()) == 0);
  }
  // The content in the slot is not needed any more, or not true.
  void leave_swap_cache(FrameIndex frame);
  // Stores what is dirty of a file's page; whether it was.
  bool write_back(VmObject& object, std::uint64_t page);
  // The object has none of the pages [first, end) any more, in memory or outside.
  void drop_pages(VmObject& object, std::uint64_t first, std::uint64_t end);

  // AccessedBits and DirtyBits of the policy: over every mapping of a frame.
  bool test_and_clear(FrameIndex frame) override;
  bool test(FrameIndex frame) override;

 private:
  bool is_at_limit() const { return config_.resident_limit != 0 && data_pages_ >= config_.resident_limit; }
  PW_NOINLINE void shrink();
  PW_ALWAYS_INLINE phys::MaybeFrame take_frame() {
    const auto frame = allocator_.allocate();
    return frame ? frame : make_room_for_frame();
  }
  PW_NOINLINE phys::MaybeFrame make_room_for_frame();
  PW_ALWAYS_INLINE void assign(FrameIndex frame, PageKind kind, std::uint32_t owner, std::uint64_t page) {
    frames_[frame] = {};
    frames_[frame].set_use(phys::FrameUse::Data);
    frames_[frame].set_owner(ResidentSet::page_of_owner(page));
    records_[frame.value()] = {.owner = owner, .kind = kind};
    ++data_pages_;
    counters_.resident_pages = data_pages_;
    counters_.peak_resident_pages = std::max(counters_.peak_resident_pages, data_pages_);
  }
  void free_page(FrameIndex frame);
  PageName page_in(FrameIndex frame) const;
  PW_NOINLINE phys::MaybeFrame take_frame_for(PageKind kind, std::uint32_t owner, std::uint64_t page);
  phys::MaybeFrame ask_for_victim(FrameIndex chosen);
  bool evict_as_asked();
  std::optional<std::uint64_t> ask_for_swap_out(FrameIndex frame);
  std::optional<std::uint64_t> ask_for_swap_in(SwapSlot slot, const PageName& page);
  bool ensure_slot(FrameIndex frame);
  bool collect_dirty(FrameIndex frame);
  bool store_outside(FrameIndex frame, bool dirty);
  void unmap_everywhere(FrameIndex frame);
  void retire(VmObject* object);
  void store_in_slot(FrameIndex frame, std::uint64_t device_ns);
  std::uint64_t capacity() const;
  void make_policy();
  void take_zero_frame(BootSequence& boot);

  KernelConfig config_;
  SpaceTranslations& translations_;
  phys::MemoryMap map_;
  phys::PhysicalMemory memory_;
  phys::FrameTable frames_;
  phys::BitmapAllocator allocator_;
  PageRecords records_;
  ReverseMap reverse_map_;
  SwapSpace swap_;
  ResidentSet resident_;
  CommitLimit commit_;
  Rng rng_;
  FrameIndex zero_frame_;
  std::vector<AddressSpace*> spaces_;
  std::vector<SpaceId> free_spaces_;
  std::vector<VmObject*> objects_;
  std::vector<std::uint32_t> free_objects_;
  std::uint64_t families_ = 0;
  std::uint64_t data_pages_ = 0;
  OutOfMemory* out_of_memory_ = nullptr;
  Hooks* hooks_ = nullptr;
  std::optional<HookFailure> hook_failure_;
  KernelCounters counters_;
};

}  // namespace pw::mm
