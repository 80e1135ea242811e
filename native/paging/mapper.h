// SPDX-License-Identifier: MIT
// Changes the tables of one address space: maps, unmaps and protects pages of every size, creates
// tables on demand and frees those that become empty.
//
// Tables are frames like any other, taken from the high end of memory. A table's frame record counts
// its entries that are not zero. Entries above the leaf grant everything; rights are the leaf's.
// Others may write to the tables' memory: an entry that names memory which does not exist leads nowhere,
// and only frames that the mapper took are ever freed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "paging/entry.h"
#include "paging/invalidation.h"
#include "paging/level.h"
#include "phys/frame_allocator.h"
#include "phys/frame_table.h"
#include "phys/memory.h"

namespace pw::paging {

// The leaf's R/W, U/S, NX, G and protection key, in their places in the entry.
struct LeafFlags {
  std::uint64_t bits = flag::kWritable | flag::kUser;

  static constexpr std::uint64_t kAllowed =
      flag::kWritable | flag::kUser | flag::kGlobal | flag::kNoExecute | kKeyMask | 1ull << 3 | 1ull << 4;
};

// Where a leaf stands.
struct Leaf {
  std::uint64_t* slot = nullptr;
  PhysAddr slot_address;
  Level level = kPt;
};

// Told of tables that are freed, by those who keep something for each.
class TableWatch {
 public:
  virtual ~TableWatch() = default;
  virtual void table_freed(FrameIndex table) = 0;
};

class Mapper {
 public:
  // Takes one frame for the root. REQUIRES: a frame is free; 4 or 5 levels.
  Mapper(phys::PhysicalMemory& memory, phys::FrameAllocator& allocator, phys::FrameTable& frames,
         unsigned levels);
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;
  // Frees every table; frames that leaves map are their owner's.
  ~Mapper();

  PhysAddr root() const { return root_; }
  unsigned levels() const { return levels_; }
  std::uint64_t table_count() const { return tables_.size(); }

  // Errors: NotCanonical, InvalidArgument (alignment, flags), PhysicalAddress, AlreadyMapped, OutOfMemory.
  Result<PendingInvalidation> map(VirtAddr address, PhysAddr physical, PageSize size, LeafFlags flags);
  // Errors: NotCanonical, NotMapped. Frees tables that became empty.
  Result<PendingInvalidation> unmap(VirtAddr address);
  // Replaces the flags of the leaf that maps the address; A and D stay. Errors as unmap, InvalidArgument.
  Result<PendingInvalidation> protect(VirtAddr address, LeafFlags flags);

  // The leaf that maps the address, or nothing. An entry that is not present is no leaf.
  std::optional<Leaf> find(VirtAddr address) const;
  // The place of the entry at a level, present or not, if the tables down to it exist and no larger
  // page is in the way.
  std::optional<Leaf> find_slot(VirtAddr address, Level at) const;
  // The same, creating tables; nothing if no frame is free for one or a larger page is in the way.
  std::optional<Leaf> ensure_slot(VirtAddr address, PageSize size);
  // Writes an entry and keeps the table's count of entries. The caller owes the invalidation.
  void write(const Leaf& leaf, Entry entry) {
    const bool had = *leaf.slot != 0;
    const bool has = entry.bits() != 0;
    *leaf.slot = entry.bits();
    if (had == has) return;
    if (!is_own_table(leaf.slot_address)) return;
    phys::FrameRecord& table = frames_[frame_of(leaf.slot_address)];
    table.set_references(table.references() + (has ? 1 : -1));
  }
  // Frees the tables below the root that are empty on the path to an address, from the table of `level` upwards.
  // Whether there were any: the caller owes the invalidation.
  bool release_tables(VirtAddr address, Level level) { return release_empty_tables(address, level); }
  // REQUIRES: it outlives the mapper.
  void set_table_watch(TableWatch* watch) { watch_ = watch; }

 private:
  std::optional<PhysAddr> allocate_table();
  void free_table(PhysAddr table);
  bool is_own_table(PhysAddr table) const {
    const FrameIndex frame = frame_of(table);
    return frame.value() < frames_.frames() && frames_[frame].use() == phys::FrameUse::Table;
  }
  bool release_empty_tables(VirtAddr address, Level level);
  Status check_address(VirtAddr address) const;

  phys::PhysicalMemory& memory_;
  phys::FrameAllocator& allocator_;
  phys::FrameTable& frames_;
  unsigned levels_;
  std::vector<FrameIndex> tables_;  // a table's frame record has its place here as the owner
  PhysAddr root_;
  TableWatch* watch_ = nullptr;
};

}  // namespace pw::paging
