// SPDX-License-Identifier: MIT
#include "paging/table_dump.h"

#include <algorithm>
#include <unordered_map>

namespace pw::paging {
namespace {

class Dumper {
 public:
  Dumper(const phys::PhysicalMemory& memory, const Control& control, const DumpOptions& options)
      : memory_(memory), control_(control), options_(options), reserved_(control) {}

  void dump(PhysAddr table, Level level, std::uint64_t first, Entry upper) {
    ++dump_.totals.tables[level];
    dumped_[level].emplace(table.value(), first);
    path_.push_back(table);
    for (unsigned i = 0; i < kEntriesPerTable; ++i) {
      const Entry entry(memory_.read64(PhysAddr(table.value() + i * sizeof(std::uint64_t))));
      if (entry.bits() != 0)
        visit(entry, level, first + (static_cast<std::uint64_t>(i) << shift_of(level)), upper);
    }
    path_.pop_back();
  }
  TableDump take() { return std::move(dump_); }

 private:
  void visit(Entry entry, Level level, std::uint64_t address, Entry upper) {
    if (!entry.is_present()) {
      ++dump_.totals.other_entries;
      return;
    }
    const Entry rights(along(upper, entry).bits() & kPathRights);
    Range range;
    range.start = sign_extend(address, virtual_bits(control_.levels));
    range.bytes = 1ull << shift_of(level);
    range.level = level;
    range.rights = rights;
    range.entries = 1;
    range.accessed = entry.is_accessed();
    if (entry.bits() & reserved_.mask(level, entry)) return add_reserved(range);
    if (level == kPt || entry.is_page()) return add_page(range, entry);
    range.physical = entry.table();
    descend(range, address, rights);
  }

  void add_reserved(Range& range) {
    range.kind = RangeKind::Reserved;
    ++dump_.totals.reserved_entries;
    add(range);
  }

  void add_page(Range& range, Entry entry) {
    const PageSize size = page_size_of(range.level);
    range.physical = entry.page(size);
    range.dirty = entry.is_dirty();
    const bool keyed =
        range.rights.is_user() ? control_.protection_keys_user : control_.protection_keys_supervisor;
    range.rights = range.rights.with(entry.bits() & (flag::kGlobal | (keyed ? kKeyMask : 0)));
    DumpTotals& totals = dump_.totals;
    ++totals.pages[static_cast<std::size_t>(size)];
    const bool executable = !range.rights.is_no_execute();
    if (range.rights.is_user()) totals.user_bytes += range.bytes;
    if (range.rights.is_writable()) totals.writable_bytes += range.bytes;
    if (executable) totals.executable_bytes += range.bytes;
    if (executable && range.rights.is_writable()) totals.writable_executable_bytes += range.bytes;
    totals.accessed_pages += range.accessed;
    totals.dirty_pages += range.dirty;
    add(range);
  }

  // `address` is the range's start before it is made canonical.
  void descend(Range& range, std::uint64_t address, Entry upper) {
    const Level below = range.level - 1;
    if (std::find(path_.begin(), path_.end(), range.physical) != path_.end()) {
      range.kind = RangeKind::Recursive;
      ++dump_.totals.recursive_entries;
      return add(range);
    }
    if (const auto at = dumped_[below].find(range.physical.value()); at != dumped_[below].end()) {
      range.kind = RangeKind::Shared;
      range.shared_with = sign_extend(at->second, virtual_bits(control_.levels));
      ++dump_.totals.shared_entries;
      return add(range);
    }
    if (options_.tree) {
      range.kind = RangeKind::Table;
      add(range);
    }
    dump(range.physical, below, address, upper);
  }

  // Extends the last range where it can.
  void add(const Range& range) {
    std::vector<Range>& ranges = dump_.ranges;
    const bool mergeable = range.kind == RangeKind::Pages || range.kind == RangeKind::Reserved;
    if (!mergeable || ranges.empty() || !extends(ranges.back(), range)) return ranges.push_back(range);
    Range& last = ranges.back();
    last.is_contiguous = last.is_contiguous && is_next(last, range);
    last.bytes += range.bytes;
    last.entries += range.entries;
    last.accessed += range.accessed;
    last.dirty += range.dirty;
  }

  bool extends(const Range& last, const Range& range) const {
    if (last.kind != range.kind || last.level != range.level || last.rights != range.rights) return false;
    if (last.start.value() + last.bytes != range.start.value()) return false;
    if (options_.tree && range.start.value() % (1ull << shift_of(range.level + 1)) == 0) return false;
    return !options_.physical || is_next(last, range);
  }
  static bool is_next(const Range& last, const Range& range) {
    return last.physical.value() + last.bytes == range.physical.value();
  }

  const phys::PhysicalMemory& memory_;
  const Control& control_;
  const DumpOptions& options_;
  ReservedBits reserved_;
  std::vector<PhysAddr> path_;
  std::array<std::unordered_map<std::uint64_t, std::uint64_t>, kMaxLevels + 1> dumped_;  // table, address
  TableDump dump_;
};

}  // namespace

std::string_view name_of(RangeKind kind) {
  constexpr std::string_view kNames[] = {"pages", "table", "reserved", "recursive", "shared"};
  return kNames[static_cast<std::size_t>(kind)];
}

TableDump dump_tables(const phys::PhysicalMemory& memory, PhysAddr root, const Control& control,
                      const DumpOptions& options) {
  Dumper dumper(memory, control, options);
  dumper.dump(root, control.levels, 0, Entry(flag::kWritable | flag::kUser));
  return dumper.take();
}

}  // namespace pw::paging
