// SPDX-License-Identifier: MIT
#include "mm/kernel.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "mm/address_space.h"
#include "policy/replacement/registry.h"

namespace pw::mm {

std::uint64_t Kernel::capacity() const {
  const std::uint64_t most = map_.usable_frames();
  return config_.resident_limit == 0 ? most : std::min(config_.resident_limit, most);
}

Kernel::~Kernel() = default;

SpaceId Kernel::enter(AddressSpace& space) {
  if (free_spaces_.empty()) {
    spaces_.push_back(&space);
    return static_cast<SpaceId>(spaces_.size() - 1);
  }
  const SpaceId id = free_spaces_.back();
  free_spaces_.pop_back();
  spaces_[id] = &space;
  return id;
}

void Kernel::leave(SpaceId space) {
  spaces_[space] = nullptr;
  free_spaces_.push_back(space);
}

std::shared_ptr<VmObject> Kernel::make_object(ObjectKind kind, std::string name, std::uint64_t bytes) {
  if (free_objects_.empty()) {
    free_objects_.push_back(static_cast<std::uint32_t>(objects_.size()));
    objects_.push_back(nullptr);
  }
  const std::uint32_t number = free_objects_.back();
  std::shared_ptr<VmObject> object(new VmObject(number, kind, std::move(name), bytes),
                                   [this](VmObject* unused) { retire(unused); });
  free_objects_.pop_back();
  objects_[number] = object.get();
  return object;
}

void Kernel::retire(VmObject* object) {
  const std::unique_ptr<VmObject> owned(object);
  drop_pages(*object, 0, ~0ull);
  commit_.uncharge(object->charged_pages());
  objects_[object->number()] = nullptr;
  free_objects_.push_back(object->number());
}

// As far as the policy wants it, and the limit.
void Kernel::shrink() {
  while (resident_.gives_up())
    if (!evict()) break;
  while (is_at_limit())
    if (!evict()) break;  // what cannot leave may exceed the limit as long as there is memory
}

phys::MaybeFrame Kernel::make_room_for_frame() {
  for (;;) {
    if (!evict()) {
      if (hook_failure_) return std::nullopt;
      ++counters_.out_of_memory;
      if (out_of_memory_ == nullptr || !out_of_memory_->relieve()) return std::nullopt;
    }
    if (const auto frame = allocator_.allocate()) return frame;
  }
}

bool Kernel::ensure_free_frame() {
  if (allocator_.free_count() > 0) return true;
  const auto frame = take_frame();
  if (frame) PW_CHECK(allocator_.free(*frame).ok());
  return frame.has_value();
}

void Kernel::free_page(FrameIndex frame) {
  PW_DCHECK(!reverse_map_.is_mapped(frame));
  resident_.remove(frame, policy::Departure::Unmapped);
  if (const SwapSlot slot = frames_[frame].swap_slot(); slot != 0) swap_.drop_cached(slot);
  frames_[frame] = {};
  records_[frame.value()] = {};
  PW_CHECK(allocator_.free(frame).ok());
  counters_.resident_pages = --data_pages_;
}

void Kernel::lock_page(FrameIndex frame) {
  if (records_[frame.value()].locks++ == 0) resident_.remove(frame, policy::Departure::Pinned);
}

void Kernel::unlock_page(FrameIndex frame) {
  PW_DCHECK(records_[frame.value()].locks > 0);
  if (--records_[frame.value()].locks == 0) make_evictable(frame, policy::Arrival::Unpinned);
}

bool Kernel::test_and_clear(FrameIndex frame) {
  bool accessed = false;
  reverse_map_.for_each(frame, [&](const Mapping& mapping) {
    const paging::Entry entry(*mapping.leaf.slot);
    if (!entry.is_accessed()) return;
    accessed = true;
    *mapping.leaf.slot = entry.without(paging::flag::kAccessed).bits();  // TLBs are not told, as on Linux
  });
  return accessed;
}

bool Kernel::test(FrameIndex frame) {
  bool dirty = frames_[frame].is_dirty();
  reverse_map_.for_each(
      frame, [&](const Mapping& mapping) { dirty |= paging::Entry(*mapping.leaf.slot).is_dirty(); });
  return dirty;
}

}  // namespace pw::mm
