// SPDX-License-Identifier: MIT
// What memory management knows of a frame of data beyond the frame table: who maps it, what it belongs to,
// whether it may be evicted. References and swap slot are the frame table's.
#pragma once

#include <cstdint>

#include "base/lazy_array.h"

namespace pw::mm {

using SpaceId = std::uint32_t;

enum class PageKind : std::uint8_t { Anonymous, File, SharedMemory };
inline constexpr std::size_t kPageKinds = 3;

struct PageRecord {
  std::uint32_t first_mapping = 0;  // in the reverse map; 0: nobody maps it
  std::uint32_t owner = 0;  // number of its VM object; of an anonymous page the space that got it first
  std::uint32_t locks = 0;  // mappings in locked VMAs
  PageKind kind = PageKind::Anonymous;
  bool is_evictable = false;    // the policy knows it
  bool is_lazily_free = false;  // MADV_FREE: may be dropped while nobody stores to it
  bool is_set_aside = false;    // was chosen as victim and could not leave
};
static_assert(sizeof(PageRecord) == 16);

using PageRecords = LazyArray<PageRecord>;

}  // namespace pw::mm
