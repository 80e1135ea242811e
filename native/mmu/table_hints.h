// SPDX-License-Identifier: MIT
// Where in host memory recently walked page tables stand, for prefetching only: nothing that is
// simulated depends on it, a stale hint costs a cache line.
#pragma once

#include <array>
#include <cstdint>

#include "base/check.h"
#include "paging/level.h"
#include "paging/walker.h"

namespace pw::mmu {

class TableHints {
 public:
  TableHints() { tables_.fill(nothing_.data()); }
  TableHints(const TableHints&) = delete;
  TableHints& operator=(const TableHints&) = delete;

  void note(VirtAddr address, const paging::WalkResult& walk) {
    if (walk.level == paging::kPt) note(address, walk.slot - paging::index_of(address, paging::kPt));
  }
  void note(VirtAddr address, const std::uint64_t* table) {
    tables_[(address.value() >> paging::shift_of(paging::kPd)) % kTables] = table;
  }
  // Of a 4 KiB page. The table may be another region's: only a cache line is at stake.
  PW_ALWAYS_INLINE void prefetch(std::int64_t page) const {
    const auto number = static_cast<std::uint64_t>(page);
    PW_PREFETCH(tables_[number / paging::kEntriesPerTable % kTables] + number % paging::kEntriesPerTable);
  }

 private:
  static constexpr std::size_t kTables = 512;

  std::array<std::uint64_t, paging::kEntriesPerTable> nothing_{};  // what is asked for where nothing is known
  std::array<const std::uint64_t*, kTables> tables_;               // by the 2 MiB that a table translates
};

}  // namespace pw::mmu
