// SPDX-License-Identifier: MIT
// Where in host memory recently walked page tables stand, for prefetching only: nothing that is
// simulated depends on it, a stale hint costs a cache line.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "paging/level.h"
#include "paging/walker.h"

namespace pw::mmu {

class TableHints {
 public:
  TableHints() : tables_(kLeastTables, nothing_.data()) {}
  TableHints(const TableHints&) = delete;
  TableHints& operator=(const TableHints&) = delete;

  void note(VirtAddr address, const paging::WalkResult& walk) {
    if (walk.level == paging::kPt) note(address, walk.slot - paging::index_of(address, paging::kPt));
  }
  void note(VirtAddr address, const std::uint64_t* table) {
    const std::uint64_t* known = hint(address.value() >> paging::shift_of(paging::kPd));
    if (known != table && known != nothing_.data() && ++displaced_ > tables_.size()) grow();
    hint(address.value() >> paging::shift_of(paging::kPd)) = table;
  }
  // Of a 4 KiB page. The table may be another region's: only a cache line is at stake.
  PW_ALWAYS_INLINE void prefetch(std::int64_t page) const {
    const auto number = static_cast<std::uint64_t>(page);
    PW_PREFETCH(tables_[number / paging::kEntriesPerTable & mask_] + number % paging::kEntriesPerTable);
  }

 private:
  static constexpr std::size_t kLeastTables = 512;
  static constexpr std::size_t kMostTables = 1 << 17;  // 256 GiB in use; 1 MiB of host memory

  const std::uint64_t*& hint(std::uint64_t region) { return tables_[region & mask_]; }

  // More hints were displaced than there is room for, so many tables are in use at once.
  PW_NOINLINE void grow() {
    displaced_ = 0;
    if (tables_.size() == kMostTables) return;
    const std::size_t size = tables_.size();
    tables_.resize(2 * size);
    for (std::size_t i = 0; i < size; ++i) tables_[size + i] = tables_[i];  // each region finds its old hint
    mask_ = tables_.size() - 1;
  }

  std::array<std::uint64_t, paging::kEntriesPerTable> nothing_{};  // what is asked for where nothing is known
  std::vector<const std::uint64_t*> tables_;                       // by the 2 MiB that a table translates
  std::uint64_t mask_ = kLeastTables - 1;
  std::uint64_t displaced_ = 0;  // since it grew
};

}  // namespace pw::mmu
