// SPDX-License-Identifier: MIT
// A memory with an allocator, frame records and one tree of tables: what the paging tests stand on.
#pragma once

#include "paging/mapper.h"
#include "paging/walker.h"
#include "phys/bitmap_allocator.h"
#include "phys/memory.h"
#include "support/test.h"

namespace pw::test {

struct Tables {
  explicit Tables(unsigned levels = 4, std::uint64_t bytes = 4ull << 30)
      : memory(bytes),
        frames(memory.frames()),
        allocator(phys::MemoryMap::flat(bytes)),
        mapper(memory, allocator, frames, levels) {
    control.levels = levels;
  }

  paging::WalkStart root() const { return paging::WalkStart::root(mapper.root(), mapper.levels()); }
  paging::WalkResult walk(VirtAddr address, paging::AccessType access = {}) {
    return paging::Walker(memory, control).walk(root(), address, access);
  }
  void map(VirtAddr address, PhysAddr physical, PageSize size = PageSize::Size4KiB,
           paging::LeafFlags flags = {}) {
    auto mapped = mapper.map(address, physical, size, flags);
    REQUIRE(mapped.ok());
    std::move(mapped).value().ignore("no TLB");
  }
  // The entry at a level on the path of an address.
  std::uint64_t& entry(VirtAddr address, paging::Level level) {
    const auto slot = mapper.find_slot(address, level);
    REQUIRE(slot.has_value());
    return *slot->slot;
  }

  phys::PhysicalMemory memory;
  phys::FrameTable frames;
  phys::BitmapAllocator allocator;
  paging::Mapper mapper;
  paging::Control control;
};

// Changes an entry behind the mapper's back, until the end of the scope.
class Patch {
 public:
  Patch(std::uint64_t& entry, std::uint64_t value) : entry_(entry), before_(entry) { entry = value; }
  ~Patch() { entry_ = before_; }
  Patch(const Patch&) = delete;

 private:
  std::uint64_t& entry_;
  std::uint64_t before_;
};

inline constexpr VirtAddr kPage{0x7f12'3456'7000};
inline constexpr paging::AccessType kRead{paging::Operation::Read};
inline constexpr paging::AccessType kWrite{paging::Operation::Write};
inline constexpr paging::AccessType kFetch{paging::Operation::Fetch};

}  // namespace pw::test
