// SPDX-License-Identifier: MIT
// The page walk: one loop over levels, one order of checks (present, reserved, rights, accessed and
// dirty), for 4 and 5 levels (Intel SDM vol. 3A, section 4.5).
//
// A walk starts at the root or where a paging-structure cache says. Table memory that does not exist
// reads as zero, so an entry there is not present.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "paging/control.h"
#include "paging/entry.h"
#include "paging/level.h"
#include "paging/page_fault.h"
#include "paging/permission.h"
#include "phys/memory.h"

namespace pw::paging {

// Where a walk starts: the table to read and the rights of the entries above it. `upper` is shaped
// like an entry: table address and effective R/W, U/S, NX; this is what a structure cache keeps.
struct WalkStart {
  Level level = kPml4;
  Entry upper;

  static constexpr WalkStart root(PhysAddr table, unsigned levels) {
    return {levels, Entry(table.value() | flag::kWritable | flag::kUser)};
  }
};

enum class WalkEnd : std::uint8_t { Translated, NotPresent, Reserved, Refused };

struct WalkResult {
  WalkEnd end;
  Level level;               // where it ended
  std::uint32_t references;  // entries read
  std::uint32_t error_code;  // unless Translated
  Entry raw;                 // the last entry read, as it stands in memory (A, D set)
  Entry page;                // Translated: effective leaf: its address, key, D, G; rights of the path
  PhysAddr slot_address;     // of the last entry
  std::uint64_t* slot;       // its host memory; nullptr where nothing was ever written
  // By level, for those read: the effective upper entry (table address, rights of the path down to it).
  std::uint64_t upper[kMaxLevels + 1];

  PageSize page_size() const { return page_size_of(level); }
};

class Walker {
 public:
  Walker(phys::PhysicalMemory& memory, const Control& control)
      : memory_(&memory), control_(control), reserved_(control) {}

  const Control& control() const { return control_; }
  void set_control(const Control& control) {
    control_ = control;
    reserved_ = ReservedBits(control);
  }

  PW_ALWAYS_INLINE void walk(WalkStart start, VirtAddr address, AccessType access, WalkResult& result) const {
    run<Effects::AccessedAndDirty>(start, address, access, result);
  }
  WalkResult walk(WalkStart start, VirtAddr address, AccessType access) const {
    WalkResult result;
    walk(start, address, access, result);
    return result;
  }
  // What walk() would find; memory stays as it is, A and D that it would set are not in `raw`.
  WalkResult probe(WalkStart start, VirtAddr address, AccessType access) const {
    WalkResult result;
    run<Effects::None>(start, address, access, result);
    return result;
  }

  // An entry as it stands in memory.
  Entry entry_at(PhysAddr address) const { return Entry(memory_->read64(address)); }

  // The last step of a walk in its commonest form: the PTE that was read is present, has its Accessed bit set,
  // grants all of `needed` (entry bits, NX inverted) below `upper` and breaks no rule, so that a walk would
  // change nothing. False: the walk has to say. REQUIRES: no protection keys.
  PW_ALWAYS_INLINE bool is_settled(Entry upper, Entry raw, std::uint64_t needed, Entry& page) const {
    constexpr std::uint64_t kGranting = flag::kWritable | flag::kUser;
    const std::uint64_t wanted = needed | flag::kPresent | flag::kAccessed;
    page = Entry((raw.bits() & (upper.bits() | ~kGranting)) | (upper.bits() & flag::kNoExecute));
    return ((page.bits() ^ flag::kNoExecute) & wanted) == wanted && !(raw.bits() & reserved_.pte_mask());
  }

 private:
  enum class Effects : std::uint8_t { None, AccessedAndDirty };

  template <Effects kEffects>
  PW_ALWAYS_INLINE void run(WalkStart start, VirtAddr address, AccessType access, WalkResult& result) const {
    Rights rights = Rights::of(start.upper.bits());
    PhysAddr table = start.upper.table();
    result.references = 0;
    for (Level level = start.level;; --level) {
      const Entry entry = read(table, address, level, result);
      if (!entry.is_present()) return fault(result, WalkEnd::NotPresent, access, 0);
      if (entry.bits() & reserved_.mask(level, entry))
        return fault(result, WalkEnd::Reserved, access, error_code::kPresent | error_code::kReserved);
      rights = rights.along(entry);
      if (level == kPt || entry.is_page()) return finish<kEffects>(result, rights, access);
      if (!entry.is_accessed()) mark<kEffects>(result, flag::kAccessed);
      table = entry.table();
      result.upper[level] = table.value() | rights.entry_flags();
    }
  }

  Entry read(PhysAddr table, VirtAddr address, Level level, WalkResult& result) const {
    result.level = level;
    ++result.references;
    // Reading backs no memory; whatever holds a present entry is backed already and may be written.
    result.slot_address = entry_address(table, address, level);
    result.slot = const_cast<std::uint64_t*>(memory_->peek(result.slot_address));
    result.raw = Entry(result.slot ? *result.slot : 0);
    return result.raw;
  }

  template <Effects kEffects>
  static void mark(WalkResult& result, std::uint64_t flags) {
    if constexpr (kEffects == Effects::None) return;
    result.raw = result.raw.with(flags);
    *result.slot = result.raw.bits();
  }

  void fault(WalkResult& result, WalkEnd end, AccessType access, std::uint32_t code) const {
    result.end = end;
    result.error_code = code | error_code_of(access, control_);
  }

  template <Effects kEffects>
  PW_ALWAYS_INLINE void finish(WalkResult& result, Rights rights, AccessType access) const {
    constexpr std::uint64_t kPath = flag::kWritable | flag::kUser | flag::kNoExecute;
    result.page = Entry((result.raw.bits() & ~kPath) | rights.entry_flags());
    if (const std::uint32_t code = refusal(result.page, access, control_))
      return fault(result, WalkEnd::Refused, access, code);
    const std::uint64_t wanted = flag::kAccessed | (access.operation == Operation::Write ? flag::kDirty : 0);
    if (!result.raw.has(wanted)) mark<kEffects>(result, wanted);
    result.page = result.page.with(wanted);
    result.end = WalkEnd::Translated;
  }

  phys::PhysicalMemory* memory_;
  Control control_;
  ReservedBits reserved_;
};

}  // namespace pw::paging
