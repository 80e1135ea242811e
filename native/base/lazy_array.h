// SPDX-License-Identifier: MIT
// A zero-initialized array whose host memory is committed page by page as it is first touched,
// so that structures with one record per frame of a 1 TiB machine cost what is in use.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#include "base/check.h"
#include "base/host_pages.h"

namespace pw {

template <class T>
class LazyArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  LazyArray() = default;
  // Throws std::bad_alloc if the host refuses the address range.
  explicit LazyArray(std::size_t size, Fills fills = Fills::Upward)
      : data_(static_cast<T*>(map_host_pages(size * sizeof(T), fills)), Unmap{size * sizeof(T)}),
        size_(size) {}

  std::size_t size() const { return size_; }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  T& operator[](std::size_t index) {
    PW_DCHECK(index < size_);
    return data_.get()[index];
  }
  const T& operator[](std::size_t index) const {
    PW_DCHECK(index < size_);
    return data_.get()[index];
  }

 private:
  struct Unmap {
    std::size_t bytes = 0;
    void operator()(T* start) const { unmap_host_pages(start, bytes); }
  };
  std::unique_ptr<T, Unmap> data_;
  std::size_t size_ = 0;
};

}  // namespace pw
