// SPDX-License-Identifier: MIT
// The host's second level of translation: EPT entries bit for bit, what makes them misconfigured, and the
// walk from a guest-physical to a host-physical address (Intel SDM vol. 3C, the section on EPT).
#pragma once

#include <cstdint>

#include "base/address.h"
#include "paging/entry.h"
#include "paging/level.h"
#include "phys/memory.h"

namespace pw::paging::ept {

// What an access needs, and what the entries on a path grant together.
using Rights = std::uint8_t;
inline constexpr Rights kRead = 1;
inline constexpr Rights kWrite = 2;
inline constexpr Rights kExecute = 4;
inline constexpr Rights kAll = kRead | kWrite | kExecute;

inline constexpr std::uint64_t kPage = 1ull << 7;  // of a PDE or PDPTE: it maps a page
inline constexpr std::uint64_t kAccessed = 1ull << 8;
inline constexpr std::uint64_t kDirty = 1ull << 9;

// The extended-page-table pointer and what the processor supports.
struct Control {
  PhysAddr root;
  unsigned levels = 4;
  bool accessed_dirty = false;  // EPTP bit 6
  unsigned max_phys_bits = kMaxPhysBits;
  bool pages_1gib = true;
  bool execute_only = true;
};

enum class End : std::uint8_t { Translated, Violation, Misconfiguration };

struct Walk {
  End end = End::Violation;
  Level level = kPml4;      // where it ended
  unsigned references = 0;  // entries read
  Rights rights = kAll;     // of the entries read
  PhysAddr entry_address;   // of the last one
  std::uint64_t entry = 0;
  PhysAddr page;       // Translated: the host-physical page
  bool dirty = false;  // Translated: a store has nothing to set

  PageSize size() const { return page_size_of(level); }
};

// Whether a present entry holds a value that the processor does not support.
constexpr bool is_misconfigured(std::uint64_t entry, Level level, const Control& control) {
  const auto rights = static_cast<Rights>(entry & kAll);
  if (!(rights & kRead) && ((rights & kWrite) || !control.execute_only)) return true;
  if (entry & kAddressBits & ~((1ull << control.max_phys_bits) - 1)) return true;
  const bool may_be_page = level == kPd || (level == kPdpt && control.pages_1gib);
  const bool is_page = level == kPt || (may_be_page && (entry & kPage));
  if (!is_page) return (entry & (may_be_page ? 0x78 : 0xf8)) != 0;
  const std::uint64_t memory_type = entry >> 3 & 7;
  if (memory_type == 2 || memory_type == 3 || memory_type == 7) return true;
  return (entry & kAddressBits & (bytes_of(page_size_of(level)) - 1)) != 0;
}

// Accessed and Dirty are set, where they are enabled, once the whole path has granted the access.
class Walker {
 public:
  Walker(phys::PhysicalMemory& memory, const Control& control) : memory_(&memory), control_(control) {}

  const Control& control() const { return control_; }
  void set_control(const Control& control) { control_ = control; }

  Walk walk(PhysAddr guest, Rights needed) const {
    Walk walk;
    walk.level = control_.levels;
    const VirtAddr address(guest.value());
    if (guest.value() >> virtual_bits(control_.levels) != 0) {
      walk.rights = 0;  // wider than the tables translate
      return walk;
    }
    std::uint64_t* path[kMaxLevels + 1];
    PhysAddr table = control_.root;
    for (;; --walk.level) {
      path[walk.level] = read(entry_address(table, address, walk.level), walk);
      if ((walk.entry & kAll) == 0) return walk;
      if (is_misconfigured(walk.entry, walk.level, control_)) {
        walk.end = End::Misconfiguration;
        return walk;
      }
      if (walk.level == kPt || (walk.entry & kPage)) break;
      table = Entry(walk.entry).table();
    }
    if ((walk.rights & needed) == needed) finish(walk, path, needed);
    return walk;
  }

 private:
  std::uint64_t* read(PhysAddr place, Walk& walk) const {
    // What holds a present entry is backed already and may be written.
    auto* const slot = const_cast<std::uint64_t*>(memory_->peek(place));
    ++walk.references;
    walk.entry_address = place;
    walk.entry = slot ? *slot : 0;
    walk.rights &= static_cast<Rights>(walk.entry & kAll);
    return slot;
  }

  void finish(Walk& walk, std::uint64_t* const* path, Rights needed) const {
    walk.end = End::Translated;
    walk.page = Entry(walk.entry).page(walk.size());
    if (control_.accessed_dirty) {
      for (Level level = walk.level; level <= control_.levels; ++level) *path[level] |= kAccessed;
      if (needed & kWrite) *path[walk.level] |= kDirty;
    }
    walk.dirty = !control_.accessed_dirty || (*path[walk.level] & kDirty);
  }

  phys::PhysicalMemory* memory_;
  Control control_;
};

}  // namespace pw::paging::ept
