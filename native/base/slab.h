// SPDX-License-Identifier: MIT
// Objects of one type in blocks that double: neighbors in time are neighbors in memory, and many of them lie in huge
// pages where the host has them. What is given back is given out again first; blocks go with the slab.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/huge_page_allocator.h"

namespace pw {

template <class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  // REQUIRES: every object was destroyed.
  ~Slab() = default;

  template <class... Arguments>
  T* make(Arguments&&... arguments) {
    return new (take()) T(std::forward<Arguments>(arguments)...);
  }
  void destroy(T* object) {
    object->~T();
    give_back(object);
  }

 private:
  static constexpr std::size_t kLeastCells = 16;
  // Blocks from `kSome` bytes on are made large enough for huge pages.
  static constexpr std::size_t kSome = std::size_t{1} << 17;
  static constexpr std::size_t kLarge = std::size_t{4} << 20;

  union Cell {
    Cell() {}
    Cell* next;
    alignas(T) std::byte object[sizeof(T)];
  };

#if defined(__SANITIZE_ADDRESS__)
  void* take() { return ::operator new (sizeof(T), std::align_val_t{alignof(T)}); }
  void give_back(T* object) { ::operator delete (object, std::align_val_t{alignof(T)}); }
#else
  void* take() {
    if (free_ != nullptr) {
      Cell* const cell = free_;
      free_ = cell->next;
      return cell;
    }
    if (fresh_ == end_) grow();
    return fresh_++;
  }
  void give_back(T* object) {
    auto* const cell = new (static_cast<void*>(object)) Cell;
    cell->next = free_;
    free_ = cell;
  }
  void grow() {
    std::size_t cells = std::max(cells_, kLeastCells);
    if (cells * sizeof(Cell) >= kSome) cells = std::max(cells, kLarge / sizeof(Cell) + 1);
    HugePageAllocator<Cell> allocator;
    blocks_.reserve(blocks_.size() + 1);
    fresh_ = allocator.allocate(cells);
    end_ = fresh_ + cells;
    cells_ += cells;
    blocks_.push_back({fresh_, Free{cells}});
  }

  struct Free {
    std::size_t cells = 0;
    void operator()(Cell* start) const { HugePageAllocator<Cell>().deallocate(start, cells); }
  };

  std::vector<std::unique_ptr<Cell, Free> > blocks_;
  std::size_t cells_ = 0;
  Cell* fresh_ = nullptr;
  Cell* end_ = nullptr;
  Cell* free_ = nullptr;
#endif
};

}  // namespace pw
