// SPDX-License-Identifier: MIT
// The page walk: one step for every level, compiled for each, with one order of checks (present, reserved,
// rights, Accessed and Dirty), for 4 and 5 levels (Intel SDM vol. 3A, section 4.5).
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
    if (!find_settled(start, address, access, result)) [[unlikely]]
      run<Effects::AccessedAndDirty>(start, address, access, result);
  }
  WalkResult walk(WalkStart start, VirtAddr address, AccessType access) const {
    WalkResult result;
    walk(start, address, access, result);
    return result;
  }
  // Whether a walk would end at the first entry that it reads because that is not present: one reference, and an error
  // code of the access's bits alone.
  PW_ALWAYS_INLINE bool finds_nothing(WalkStart start, VirtAddr address) const {
    const std::uint64_t* slot = memory_->peek(entry_address(start.upper.table(), address, start.level));
    return slot == nullptr || !Entry(*slot).is_present();
  }
  // What walk() would find; memory stays as it is, A and D that it would set are not in `raw`.
  WalkResult probe(WalkStart start, VirtAddr address, AccessType access) const {
    WalkResult result;
    run<Effects::None>(start, address, access, result);
    return result;
  }

  // Whether the entries that lead from `root` to where `start` begins, as memory has them, are all Accessed, break no
  // rule and come to `start`; then a walk from either ends alike. False where that takes more than a look.
  PW_ALWAYS_INLINE bool bears_out(WalkStart root, VirtAddr address, WalkStart start) const {
    const phys::PhysicalMemory::View memory = memory_->view();
    if (memory.range == nullptr) return false;
    const std::uint64_t upper = root.upper.bits();
    Descent at{memory, address, upper, upper | kAccessedTable, upper};
    for (Level level = root.level; level > start.level; --level) {
      const std::uint64_t* slot = memory.in_range(entry_address(Entry(at.last).table(), address, level));
      if (slot == nullptr) return false;
      at.read(*slot);
    }
    return at.is_sound(reserved_) && at.upper().bits() == start.upper.bits();
  }

  // The way of a walk from the root to the PTE: whether the entries above it are all Accessed, name tables and break no
  // rule, so that a walk gets there and changes nothing. Then `result` has what it would have there, but not its end and
  // what follows from the PTE beyond `raw`. False where that takes more than a look; then it means nothing.
  PW_ALWAYS_INLINE bool descend(WalkStart root, VirtAddr address, WalkResult& result) const {
    const phys::PhysicalMemory::View memory = memory_->view();
    if (memory.range == nullptr) return false;
    const std::uint64_t upper = root.upper.bits();
    Descent at{memory, address, upper, upper | kAccessedTable, upper};
    if (!descends_to_leaf(root.level, at, result)) return false;
    result.raw = Entry(*result.slot);
    return true;
  }

  // An entry as it stands in memory.
  Entry entry_at(PhysAddr address) const { return Entry(memory_->read64(address)); }

  // What is asked of a PTE below: bits of an entry, in two words.
  struct Settled {
    std::uint64_t expected = 0;
    std::uint64_t looked_at = 0;
  };
  // All of `needed` (entry bits, NX inverted) is granted.
  Settled settled_for(std::uint64_t needed) const {
    const std::uint64_t wanted = needed | flag::kPresent | flag::kAccessed;
    return {wanted & ~flag::kNoExecute, wanted | reserved_.table_mask()};
  }
  // The last step of a walk in its commonest form: the PTE that was read is present, has its Accessed bit set,
  // grants what is needed below `upper` and breaks no rule, so that a walk would change nothing. False: the
  // walk has to say. REQUIRES: no protection keys.
  static PW_ALWAYS_INLINE bool is_settled(Entry upper, Entry raw, const Settled& settled, Entry& page) {
    page = along(upper, raw);
    return ((page.bits() ^ settled.expected) & settled.looked_at) == 0;
  }
  PW_ALWAYS_INLINE bool is_settled(Entry upper, Entry raw, std::uint64_t needed, Entry& page) const {
    return is_settled(upper, raw, settled_for(needed), page);
  }

  // The entry of a level above the leaf, in the table that `upper` names, for an address, if it is Accessed, names a table
  // and breaks no rule: its effective form. False: the walk has to say.
  PW_ALWAYS_INLINE bool settled_upper(Level level, Entry upper, VirtAddr address, Entry& below) const {
    const phys::PhysicalMemory::View memory = memory_->view();
    if (memory.range == nullptr) return false;
    const std::uint64_t* slot = memory.in_range(entry_address(upper.table(), address, level));
    if (slot == nullptr) return false;
    Descent at{memory, address, upper.bits(), upper.bits() | kAccessedTable, upper.bits()};
    at.read(*slot);
    below = at.upper();
    return at.is_sound(reserved_);
  }
  // The same of a page directory's, and the host memory of the table that it names; nullptr: the walk has to say.
  PW_ALWAYS_INLINE std::uint64_t* settled_table(Entry upper, VirtAddr address, Entry& below) const {
    return settled_upper(kPd, upper, address, below) ? memory_->view().in_range(below.table()) : nullptr;
  }

 private:
  static constexpr std::uint64_t kAccessedTable = flag::kPresent | flag::kAccessed;

  enum class Effects : std::uint8_t { None, AccessedAndDirty };

  // What the entries above the leaf come to.
  struct Descent {
    phys::PhysicalMemory::View memory;
    VirtAddr address;
    std::uint64_t last;  // the last entry, whose table is next
    std::uint64_t all;   // bits set in every entry
    std::uint64_t any;   // bits set in one of them

    void read(std::uint64_t entry) {
      last = entry;
      all &= entry;
      any |= entry;
    }
    // Every entry is Accessed, names a table and breaks no rule.
    bool is_sound(const ReservedBits& reserved) const {
      return (all & kAccessedTable) == kAccessedTable && !(any & (flag::kPageSize | reserved.table_mask()));
    }
    Entry upper() const {
      return Entry((last & kAddressBits) | (all & (flag::kWritable | flag::kUser)) |
                   (any & flag::kNoExecute));
    }
  };

  // A walk in its commonest form, by a user: every entry is present and Accessed and breaks no rule, the last
  // one maps 4 KiB and grants the access along its path, so that nothing is to be set. Entries are judged
  // together at the end: reading on behind a wrong one reads simulated memory, no more. False: run() has to
  // say, and `result` means nothing.
  PW_ALWAYS_INLINE bool find_settled(WalkStart start, VirtAddr address, AccessType access,
                                     WalkResult& result) const {
    const phys::PhysicalMemory::View memory = memory_->view();
    if (memory.range == nullptr || access.privilege != Privilege::User || control_.protection_keys_user)
      return false;
    const std::uint64_t upper = start.upper.bits();
    Descent at{memory, address, upper, upper | kAccessedTable, upper};
    if (!descends_to_leaf(start.level, at, result)) return false;
    result.raw = Entry(*result.slot);
    result.end = WalkEnd::Translated;
    return is_settled(at.upper(), result.raw, user_grant(access.operation), result.page);
  }
  PW_ALWAYS_INLINE bool descends_to_leaf(Level start, Descent& at, WalkResult& result) const {
    switch (start) {
      case kPml5:
        if (!descends<kPml5>(at, result)) return false;
        [[fallthrough]];
      case kPml4:
        if (!descends<kPml4>(at, result)) return false;
        [[fallthrough]];
      case kPdpt:
        if (!descends<kPdpt>(at, result)) return false;
        [[fallthrough]];
      case kPd:
        if (!descends<kPd>(at, result)) return false;
        [[fallthrough]];
      default: break;
    }
    result.slot_address = entry_address(Entry(at.last).table(), at.address, kPt);
    result.slot = at.memory.in_range(result.slot_address);
    result.level = kPt;
    result.references = start;
    return result.slot != nullptr && at.is_sound(reserved_);
  }
  template <Level kLevel>
  PW_ALWAYS_INLINE bool descends(Descent& at, WalkResult& result) const {
    const std::uint64_t* slot = at.memory.in_range(entry_address(Entry(at.last).table(), at.address, kLevel));
    if (slot == nullptr) return false;
    at.read(*slot);
    result.upper[kLevel] = at.upper().bits();
    return true;
  }

  // A walk under way.
  struct Position {
    phys::PhysicalMemory::View memory;
    VirtAddr address;
    AccessType access;
    Level start;
    Entry upper;  // as WalkStart's, of the table to read next
  };

  // One step a level, each compiled for its own.
  template <Effects kEffects>
  PW_ALWAYS_INLINE void run(WalkStart start, VirtAddr address, AccessType access, WalkResult& result) const {
    Position at{memory_->view(), address, access, start.level, start.upper};
    switch (start.level) {
      case kPml5:
        if (!passes<kEffects, kPml5>(at, result)) return;
        [[fallthrough]];
      case kPml4:
        if (!passes<kEffects, kPml4>(at, result)) return;
        [[fallthrough]];
      case kPdpt:
        if (!passes<kEffects, kPdpt>(at, result)) return;
        [[fallthrough]];
      case kPd:
        if (!passes<kEffects, kPd>(at, result)) return;
        [[fallthrough]];
      default: passes<kEffects, kPt>(at, result);
    }
  }

  // Reads the entry of a level. True if it names a table, which is the next to read; else the walk ended here.
  template <Effects kEffects, Level kLevel>
  PW_ALWAYS_INLINE bool passes(Position& at, WalkResult& result) const {
    const PhysAddr place = entry_address(at.upper.table(), at.address, kLevel);
    // Reading backs no memory; whatever holds a present entry is backed already and may be written.
    auto* const slot = const_cast<std::uint64_t*>(at.memory.peek(place));
    const Entry entry(slot ? *slot : 0);
    if (kLevel == kPt || entry.is_page() || !entry.has(kAccessedTable) ||
        (entry.bits() & reserved_.table_mask())) {
      result.level = kLevel;
      result.references = at.start - kLevel + 1;
      result.slot_address = place;
      result.slot = slot;
      result.raw = entry;
      if (!entry.is_present()) return fault(result, WalkEnd::NotPresent, at.access, 0);
      if (entry.bits() & reserved_.mask(kLevel, entry))
        return fault(result, WalkEnd::Reserved, at.access, error_code::kPresent | error_code::kReserved);
      if (kLevel == kPt || entry.is_page())
        return finish<kEffects>(result, along(at.upper, entry), at.access);
      mark<kEffects>(result, flag::kAccessed);
    }
    at.upper = Entry(along(at.upper, entry).bits() & (kAddressBits | kPathRights));
    result.upper[kLevel] = at.upper.bits();
    return true;
  }

  template <Effects kEffects>
  static void mark(WalkResult& result, std::uint64_t flags) {
    if constexpr (kEffects == Effects::None) return;
    result.raw = result.raw.with(flags);
    *result.slot = result.raw.bits();
  }

  bool fault(WalkResult& result, WalkEnd end, AccessType access, std::uint32_t code) const {
    result.end = end;
    result.error_code = code | error_code_of(access, control_);
    return false;
  }

  template <Effects kEffects>
  PW_ALWAYS_INLINE bool finish(WalkResult& result, Entry page, AccessType access) const {
    result.page = page;
    if (const std::uint32_t code = refusal(page, access, control_))
      return fault(result, WalkEnd::Refused, access, code);
    const std::uint64_t wanted = flag::kAccessed | (access.operation == Operation::Write ? flag::kDirty : 0);
    if (!result.raw.has(wanted)) mark<kEffects>(result, wanted);
    result.page = page.with(wanted);
    result.end = WalkEnd::Translated;
    return false;
  }

  phys::PhysicalMemory* memory_;
  Control control_;
  ReservedBits reserved_;
};

}  // namespace pw::paging
