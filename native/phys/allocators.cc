// SPDX-License-Identifier: MIT
#include "phys/allocators.h"

#include "phys/bitmap_allocator.h"

namespace pw::phys {
namespace {

template <class Allocator>
std::unique_ptr<FrameAllocator> make(const MemoryMap& map) {
  return std::make_unique<Allocator>(map);
}

constexpr AllocatorInfo kAllocators[] = {
    {"bitmap", "lowest free frame first, from a hierarchical bitmap", &make<BitmapAllocator>},
};

}  // namespace

std::span<const AllocatorInfo> allocators() { return kAllocators; }

const AllocatorInfo* find_allocator(std::string_view name) {
  for (const AllocatorInfo& info : kAllocators) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

}  // namespace pw::phys
