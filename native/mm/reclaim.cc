// SPDX-License-Identifier: MIT
// How pages leave memory and come back: eviction through the reverse map, swap slots, write-back.
#include <array>
#include <span>

#include "base/check.h"
#include "mm/address_space.h"
#include "mm/kernel.h"

namespace pw::mm {

using paging::Entry;

bool Kernel::evict() {
  if (resident_.set_aside() > 0 && swap_.free() > 0) resident_.take_back();
  if (hooks_ != nullptr) return evict_as_asked();
  while (resident_.evictable() > 0) {
    const FrameIndex frame = resident_.choose_victim();
    PW_CHECK(frame.value() < frames_.frames() && records_[frame.value()].is_evictable);
    if (evict(frame)) return true;
    resident_.put_aside(frame);
  }
  return false;
}

bool Kernel::evict(FrameIndex frame) {
  if (!records_[frame.value()].is_evictable) return false;
  const bool dirty = collect_dirty(frame);
  if (!store_outside(frame, dirty)) return false;
  resident_.remove(frame, policy::Departure::Evicted);
  ++counters_.evictions;
  unmap_everywhere(frame);
  const PageRecord& record = records_[frame.value()];
  if (record.kind != PageKind::Anonymous) {
    VmObject& object = *objects_[record.owner];
    const SwapSlot slot = frames_[frame].swap_slot();
    object.set_page(frames_[frame].owner().value(), slot == 0 ? PagePlace() : PagePlace::in(slot));
    if (slot != 0) swap_.add_reference(slot);
    drop_reference(frame);
  }
  return true;
}

// Takes the Dirty bits of all mappings over into the frame's record; whether the page is dirty.
bool Kernel::collect_dirty(FrameIndex frame) {
  const bool dirty = test(frame);
  frames_[frame].set_dirty(dirty);
  return dirty;
}

// The page's content is where it can be read again, if it has any that matters; false if there is no room.
bool Kernel::store_outside(FrameIndex frame, bool dirty) {
  const PageRecord& record = records_[frame.value()];
  if (record.kind == PageKind::File) {
    if (dirty) write_back(*objects_[record.owner], frames_[frame].owner().value());
    return true;
  }
  if (!dirty) return true;  // a clean copy is in its slot, or nobody ever stored to the page
  const bool had_slot = frames_[frame].swap_slot() != 0;
  if (!ensure_slot(frame)) return false;
  const auto device_ns = ask_for_swap_out(frame);
  if (device_ns)
    store_in_slot(frame, *device_ns);
  else if (!had_slot)
    leave_swap_cache(frame);
  return device_ns.has_value();
}

bool Kernel::ensure_slot(FrameIndex frame) {
  if (frames_[frame].swap_slot() != 0) return true;
  auto slot = swap_.allocate();
  if (!slot) {
    const auto cached_only = swap_.find_cached_only();
    if (!cached_only) return false;
    leave_swap_cache(*swap_.cached(*cached_only));
    slot = swap_.allocate();
  }
  PW_CHECK(slot.has_value());
  frames_[frame].set_swap_slot(*slot);
  swap_.set_cached(*slot, frame);
  return true;
}

void Kernel::store_in_slot(FrameIndex frame, std::uint64_t device_ns) {
  ++counters_.swap_outs;
  counters_.swap_write_ns += device_ns;
  frames_[frame].set_dirty(false);
  if (!config_.contents) return;
  SwapSpace::Page page;
  memory_.read(address_of(frame), page);
  swap_.store(frames_[frame].swap_slot(), page);
}

// What every entry says afterwards: where an anonymous page is, nothing for pages of objects.
void Kernel::unmap_everywhere(FrameIndex frame) {
  const PageRecord& record = records_[frame.value()];
  const SwapSlot slot = frames_[frame].swap_slot();
  const bool is_anonymous = record.kind == PageKind::Anonymous;
  const bool keeps_place = is_anonymous && !(record.is_lazily_free && slot == 0);
  frames_[frame].set_references(frames_[frame].references() + 1);  // the page stays until all have let go
  reverse_map_.for_each(frame, [&](const Mapping& mapping) {
    AddressSpace& space = *spaces_[mapping.space];
    const Entry remains = leaf::remains_of(Entry(*mapping.leaf.slot));
    reverse_map_.remove(frame, mapping.leaf);
    const Entry left = keeps_place ? SwapEntry::of_slot(slot).with(remains.bits()) : remains;
    space.page_left(mapping, record.kind, is_anonymous && !keeps_place ? Entry() : left);
    if (keeps_place && slot != 0) swap_.add_reference(slot);
    translations_.forget(mapping.space, mapping.page);
    drop_reference(frame);
  });
  drop_reference(frame);
}

std::optional<Kernel::SlotRead> Kernel::read_slot(SwapSlot slot, const PageName& page) {
  const auto device_ns = ask_for_swap_in(slot, page);
  if (!device_ns) return std::nullopt;
  swap_.add_reference(slot);  // ours: the page may be given up while a frame is looked for
  const auto frame = take_page(page.kind, page.owner, page.page);
  if (frame) swap_.set_cached(slot, *frame);
  swap_.drop_reference(slot);
  if (!frame) return std::nullopt;
  frames_[*frame].set_swap_slot(slot);
  ++counters_.swap_ins;
  const SlotRead read{*frame, *device_ns};
  if (!config_.contents) return read;
  if (const SwapSpace::Page* bytes = swap_.load(slot))
    memory_.write(address_of(*frame), *bytes);
  else
    memory_.zero_frame(*frame);
  return read;
}

void Kernel::leave_swap_cache(FrameIndex frame) {
  const SwapSlot slot = frames_[frame].swap_slot();
  if (slot == 0) return;
  frames_[frame].set_swap_slot(0);
  frames_[frame].set_dirty(true);  // the frame is the only place of the content now
  swap_.drop_cached(slot);
}

bool Kernel::write_back(VmObject& object, std::uint64_t page) {
  const PagePlace place = object.page(page);
  if (!place.is_frame() || !test(place.frame())) return false;
  const FrameIndex frame = place.frame();
  frames_[frame].set_dirty(false);
  ++counters_.writebacks;
  reverse_map_.for_each(frame, [&](const Mapping& mapping) {
    const Entry entry(*mapping.leaf.slot);
    if (!entry.is_dirty()) return;
    *mapping.leaf.slot = entry.without(paging::flag::kDirty).bits();
    translations_.forget(mapping.space, mapping.page);  // the next store has to set D again
  });
  if (!config_.contents) return true;
  std::array<std::byte, kFrameBytes> bytes;
  memory_.read(address_of(frame), bytes);
  object.write_stored(page, bytes);
  return true;
}

void Kernel::drop_pages(VmObject& object, std::uint64_t first, std::uint64_t end) {
  object.clear_stored(first, end);
  object.for_each_page(first, end, [&](std::uint64_t page, PagePlace place) {
    object.set_page(page, PagePlace());
    if (place.is_slot()) return swap_.drop_reference(place.slot());
    const FrameIndex frame = place.frame();
    reverse_map_.for_each(frame, [&](const Mapping& mapping) {
      const Entry remains = leaf::remains_of(Entry(*mapping.leaf.slot));
      reverse_map_.remove(frame, mapping.leaf);
      spaces_[mapping.space]->page_left(mapping, object.page_kind(), remains);
      translations_.forget(mapping.space, mapping.page);
      drop_reference(frame);
    });
    drop_reference(frame);
  });
}

}  // namespace pw::mm
