// SPDX-License-Identifier: MIT
#include "paging/mapper.h"

#include <array>
#include <string>

#include "base/hex.h"

namespace pw::paging {
namespace {

constexpr std::uint64_t kUpperFlags = flag::kPresent | flag::kWritable | flag::kUser;

Error not_mapped(VirtAddr address) {
  return {ErrorCode::NotMapped, "expected a mapped address, got " + hex(address.value())};
}

Status check_flags(LeafFlags flags) {
  const std::uint64_t unknown = flags.bits & ~LeafFlags::kAllowed;
  if (unknown == 0) return Done{};
  return Error{
      ErrorCode::InvalidArgument,
      "flags: expected R/W, U/S, PWT, PCD, G, NX and a protection key, got the bits " + hex(unknown)};
}

}  // namespace

Mapper::Mapper(phys::PhysicalMemory& memory, phys::FrameAllocator& allocator, phys::FrameTable& frames,
               unsigned levels)
    : memory_(memory), allocator_(allocator), frames_(frames), levels_(levels) {
  PW_CHECK(levels == 4 || levels == 5);
  const auto root = allocate_table();
  PW_CHECK(root.has_value());
  root_ = *root;
}

Mapper::~Mapper() {
  for (const FrameIndex table : tables_) {
    if (watch_ != nullptr) watch_->table_freed(table);
    frames_[table] = {};
    (void)allocator_.free(table);  // refused only if somebody else freed it already
  }
}

Result<PendingInvalidation> Mapper::map(VirtAddr address, PhysAddr physical, PageSize size, LeafFlags flags) {
  PW_TRY(check_address(address));
  PW_TRY(check_flags(flags));
  const std::uint64_t offset = bytes_of(size) - 1;
  if ((address.value() | physical.value()) & offset)
    return Error{ErrorCode::InvalidArgument, "expected addresses aligned to " + std::string(name_of(size)) +
                                                 ", got " + hex(address.value()) + " and " +
                                                 hex(physical.value())};
  if (!memory_.contains(physical, bytes_of(size)))
    return Error{ErrorCode::PhysicalAddress, "expected a physical address below " + hex(memory_.size()) +
                                                 ", got " + hex(physical.value())};
  if (find(address)) return Error{ErrorCode::AlreadyMapped, hex(address.value()) + " is mapped already"};
  const auto leaf = ensure_slot(address, size);
  if (!leaf)
    return Error{ErrorCode::OutOfMemory, "no frame is free for a page table of " + hex(address.value())};
  const Entry before(*leaf->slot);
  if (before.is_present())
    return Error{ErrorCode::AlreadyMapped,
                 "smaller pages are mapped inside the page at " + hex(address.value())};
  const std::uint64_t page = size == PageSize::Size4KiB ? 0 : flag::kPageSize;
  write(*leaf, Entry(physical.value() | flags.bits | flag::kPresent | page));
  return PendingInvalidation(address, InvalidationScope::Nothing);
}

Result<PendingInvalidation> Mapper::unmap(VirtAddr address) {
  PW_TRY(check_address(address));
  const auto leaf = find(address);
  if (!leaf) return not_mapped(address);
  const bool was_global = Entry(*leaf->slot).is_global();
  write(*leaf, Entry());
  const bool freed = release_empty_tables(address, leaf->level);
  return PendingInvalidation(address, freed ? InvalidationScope::Tables : InvalidationScope::Page,
                             was_global);
}

Result<PendingInvalidation> Mapper::protect(VirtAddr address, LeafFlags flags) {
  PW_TRY(check_address(address));
  PW_TRY(check_flags(flags));
  const auto leaf = find(address);
  if (!leaf) return not_mapped(address);
  const Entry before(*leaf->slot);
  write(*leaf, Entry((before.bits() & ~LeafFlags::kAllowed) | flags.bits));
  return PendingInvalidation(address, InvalidationScope::Page, before.is_global());
}

std::optional<Leaf> Mapper::find(VirtAddr address) const {
  PhysAddr table = root_;
  for (Level level = levels_;; --level) {
    const PhysAddr place = entry_address(table, address, level);
    std::uint64_t* slot = memory_.word(place);
    const Entry entry(slot ? *slot : 0);
    if (!entry.is_present()) return std::nullopt;
    if (level == kPt || entry.is_page()) return Leaf{slot, place, level};
    table = entry.table();
  }
}

std::optional<Leaf> Mapper::find_slot(VirtAddr address, Level at) const {
  PhysAddr table = root_;
  for (Level level = levels_;; --level) {
    const PhysAddr place = entry_address(table, address, level);
    std::uint64_t* slot = memory_.word(place);
    if (slot == nullptr) return std::nullopt;
    if (level == at) return Leaf{slot, place, level};
    const Entry entry(*slot);
    if (!entry.is_present() || entry.is_page()) return std::nullopt;
    table = entry.table();
  }
}

std::optional<Leaf> Mapper::ensure_slot(VirtAddr address, PageSize size) {
  PhysAddr table = root_;
  for (Level level = levels_;; --level) {
    const PhysAddr place = entry_address(table, address, level);
    std::uint64_t* slot = memory_.word(place);
    if (slot == nullptr) return std::nullopt;
    if (level == leaf_level(size)) return Leaf{slot, place, level};
    Entry entry(*slot);
    if (!entry.is_present()) {
      const auto created = allocate_table();
      if (!created) return std::nullopt;
      entry = Entry(created->value() | kUpperFlags);
      write({slot, place, level}, entry);
    } else if (entry.is_page()) {
      return std::nullopt;
    }
    table = entry.table();
  }
}

std::optional<PhysAddr> Mapper::allocate_table() {
  const auto frame = allocator_.allocate(0, phys::End::High);
  if (!frame) return std::nullopt;
  const PhysAddr table = pw::address_of(*frame);
  memory_.word(table);  // backs the frame: the walker may keep pointers into tables
  memory_.zero_frame(*frame);
  frames_[*frame] = {};
  frames_[*frame].set_use(phys::FrameUse::Table);
  frames_[*frame].set_owner(VirtPage(tables_.size()));
  tables_.push_back(*frame);
  return table;
}

void Mapper::free_table(PhysAddr table) {
  const FrameIndex frame = frame_of(table);
  if (watch_ != nullptr) watch_->table_freed(frame);
  const VirtPage place = frames_[frame].owner();
  tables_[place.value()] = tables_.back();
  frames_[tables_.back()].set_owner(place);
  tables_.pop_back();
  frames_[frame] = {};
  PW_CHECK(allocator_.free(frame).ok());
}

// Frees the empty tables on the path to an entry just cleared at `level`, from the bottom up.
bool Mapper::release_empty_tables(VirtAddr address, Level level) {
  bool freed = false;
  while (level < levels_) {
    const auto parent = find_slot(address, ++level);
    if (!parent) break;
    const PhysAddr table = Entry(*parent->slot).table();
    if (table == root_ || !is_own_table(table) || frames_[frame_of(table)].references() != 0) break;
    write(*parent, Entry());
    free_table(table);
    freed = true;
  }
  return freed;
}

Status Mapper::check_address(VirtAddr address) const {
  if (is_canonical(address, virtual_bits(levels_))) return Done{};
  return Error{ErrorCode::NotCanonical, "expected an address that is canonical for " +
                                            std::to_string(virtual_bits(levels_)) + " bits, got " +
                                            hex(address.value())};
}

}  // namespace pw::paging
