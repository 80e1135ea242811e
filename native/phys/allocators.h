// SPDX-License-Identifier: MIT
// The table of frame allocators.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "phys/frame_allocator.h"
#include "phys/memory_map.h"

namespace pw::phys {

struct AllocatorInfo {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<FrameAllocator> (*make)(const MemoryMap& map);
};

std::span<const AllocatorInfo> allocators();
// nullptr where there is none of this name.
const AllocatorInfo* find_allocator(std::string_view name);

}  // namespace pw::phys
