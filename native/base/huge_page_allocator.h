// SPDX-License-Identifier: MIT
// Memory for vectors that are read all over: large ones are backed by huge pages where the host has them, since
// what they would pay for otherwise is the host's own TLB misses.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "base/host_pages.h"

namespace pw {

template <class T>
class HugePageAllocator {
 public:
  using value_type = T;

  HugePageAllocator() = default;
  template <class Other>
  HugePageAllocator(const HugePageAllocator<Other>&) {}  // NOLINT: conversions are implicit for allocators

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLarge) return static_cast<T*>(::operator new(bytes, kAlignment));
    void* start = map_host_pages(bytes);
    advise_huge_pages(start, bytes);
    return static_cast<T*>(start);
  }
  void deallocate(T* start, std::size_t count) noexcept {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLarge)
      ::operator delete(start, kAlignment);
    else
      unmap_host_pages(start, bytes);
  }
  bool operator==(const HugePageAllocator&) const { return true; }

 private:
  static constexpr std::size_t kLarge = std::size_t{4} << 20;
  static constexpr std::align_val_t kAlignment{64};  // a line of memory
};

template <class T>
using LargeVector = std::vector<T, HugePageAllocator<T>>;

}  // namespace pw
