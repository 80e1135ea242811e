// SPDX-License-Identifier: MIT
#include "mm/pager.h"

#include <algorithm>
#include <utility>

namespace pw::mm {

using paging::Entry;
using paging::Leaf;
namespace flag = paging::flag;

Pager::Pager(PhysicalParts parts, paging::Mapper& mapper, Translations& translations, PageSize size,
             std::uint64_t limit)
    : parts_(parts),
      mapper_(mapper),
      translations_(translations),
      size_(size),
      order_(order_of(size)),
      limit_(limit) {}

std::uint64_t Pager::capacity() const {
  const std::uint64_t pages = parts_.frames.frames() >> order_;
  return limit_ == 0 ? pages : std::min(limit_, pages);
}

FaultKind Pager::classify(const paging::WalkResult& walk) const {
  if (walk.end != paging::WalkEnd::NotPresent) return FaultKind::Protection;
  return classify(walk.raw);
}

Leaf Pager::leaf_at(const paging::WalkResult& walk) const {
  if (walk.level != paging::leaf_level(size_)) return {};
  return {walk.slot, walk.slot_address, walk.level};
}

bool Pager::serve(VirtAddr address, AccessKind kind, const Leaf& known, std::uint64_t time) {
  const VirtAddr page(address.value() & ~(bytes_of(size_) - 1));
  if (announces_faults_) announce_fault(pw::page_of(page, size_), time);
  const auto frame = take_frame();
  if (!frame) return false;
  std::optional<Leaf> made;
  if (known.slot == nullptr && !(made = make_leaf(page))) {
    PW_CHECK(parts_.allocator.free(*frame, order_).ok());
    return false;
  }
  const Leaf& leaf = made ? *made : known;
  const Entry before(*leaf.slot);
  phys::FrameRecord record;
  record.set_use(phys::FrameUse::Data);
  record.set_owner(VirtPage(pw::page_of(page).value() & ((1ull << (kMaxVirtBits - kFrameShift)) - 1)));
  record.set_references(1);
  if (SwapEntry::is_evicted(before)) record.set_swap_slot(SwapEntry::slot_of(before));
  parts_.frames[*frame] = record;

  const std::uint64_t page_bit = size_ == PageSize::Size4KiB ? 0 : flag::kPageSize;
  const std::uint64_t touched = flag::kAccessed | (is_write(kind) ? flag::kDirty : 0);
  mapper_.write(leaf, Entry(pw::address_of(*frame).value() | flag::kPresent | flag::kWritable | flag::kUser |
                            touched | page_bit));
  ++counters_.resident_pages;
  counters_.peak_resident_pages = std::max(counters_.peak_resident_pages, counters_.resident_pages);
  policy_->on_insert({pw::page_of(page, size_), FrameIndex((*frame).value() >> order_), time},
                     policy::Arrival::Fault);
  return true;
}

// The policy may find that there are pages it would no longer keep.
void Pager::announce_fault(VirtPage page, std::uint64_t time) {
  policy_->on_fault(page, time);
  while (policy_->gives_up(time)) PW_CHECK(evict());
}

// The victim leaves first, then the page is loaded.
phys::MaybeFrame Pager::take_frame() {
  if (limit_ != 0 && counters_.resident_pages >= limit_ && !evict()) return std::nullopt;
  for (;;) {
    if (const auto frame = parts_.allocator.allocate(order_)) return frame;
    if (!evict()) return std::nullopt;
  }
}

std::optional<Leaf> Pager::make_leaf(VirtAddr page) {
  for (;;) {
    if (const auto leaf = mapper_.ensure_slot(page, size_)) return leaf;
    if (!evict()) return std::nullopt;
  }
}

bool Pager::evict() {
  if (counters_.resident_pages == 0) return false;
  translations_.settle();
  const FrameIndex unit = policy_->choose_victim();
  if (unit == policy::kNoVictim) return false;
  const FrameIndex frame(unit.value() << order_);
  PW_CHECK(frame.value() < parts_.frames.frames());
  phys::FrameRecord& record = parts_.frames[frame];
  PW_CHECK(record.use() == phys::FrameUse::Data);

  const VirtAddr page = address_of(unit);
  const Leaf leaf = leaf_of(page);
  mapper_.write(leaf, page_out(record, Entry(*leaf.slot)));
  translations_.forget(page);
  policy_->on_remove({pw::page_of(page, size_), unit}, policy::Departure::Evicted);
  record = {};
  PW_CHECK(parts_.allocator.free(frame, order_).ok());
  --counters_.resident_pages;
  ++counters_.evictions;
  return true;
}

// What the leaf becomes: the page's content, if it has any, is in a swap slot from now on.
Entry Pager::page_out(phys::FrameRecord& record, Entry leaf) {
  if (leaf.is_dirty()) {
    ++counters_.writebacks;
    if (record.swap_slot() == 0) record.set_swap_slot(slots_.allocate());
  }
  return SwapEntry::of_slot(record.swap_slot());
}

Leaf Pager::leaf_of(VirtAddr page) const {
  const auto leaf = mapper_.find_slot(page, paging::leaf_level(size_));
  PW_CHECK(leaf.has_value());
  return *leaf;
}

bool Pager::test_and_clear(FrameIndex unit) {
  const Leaf leaf = leaf_of(address_of(unit));
  const Entry entry(*leaf.slot);
  if (!entry.is_accessed()) return false;
  mapper_.write(leaf, entry.without(flag::kAccessed));
  return true;
}

bool Pager::test(FrameIndex unit) { return Entry(*leaf_of(address_of(unit)).slot).is_dirty(); }

}  // namespace pw::mm
