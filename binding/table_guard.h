// SPDX-License-Identifier: MIT
// Whether page tables are still what their mapper made: scripts can write to the same memory and free the
// same frames, and no mapper should follow what they left there.
#pragma once

#include "paging/mapper.h"
#include "phys/bitmap_allocator.h"
#include "phys/frame_table.h"
#include "phys/memory.h"

namespace pw::binding {

class TableGuard {
 public:
  TableGuard(const phys::PhysicalMemory& memory, const phys::FrameAllocator& allocator,
             const phys::FrameTable& frames)
      : memory_(memory), allocator_(allocator), frames_(frames) {}

  // Every table on the way to an address.
  bool is_path_intact(const paging::Mapper& mapper, VirtAddr address) const;
  // Every table.
  bool is_tree_intact(const paging::Mapper& mapper) const;

 private:
  bool is_table(PhysAddr table) const;
  std::uint64_t count_tables(PhysAddr table, paging::Level level, bool& intact) const;

  const phys::PhysicalMemory& memory_;
  const phys::FrameAllocator& allocator_;
  const phys::FrameTable& frames_;
};

}  // namespace pw::binding
