// SPDX-License-Identifier: MIT
// One set-associative array of translations. The set is page mod sets; sets need not be a power of two.
//
// Invariant: a tag stands at most once. In ordered arrays the valid ways of a set come first.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tlb/config.h"
#include "tlb/entry.h"
#include "tlb/way_choice.h"

namespace pw::tlb {

template <class Ways>
class Array {
 public:
  Array(const ArrayConfig& config, std::uint64_t seed)
      : ways_(config.ways), sets_(config.entries / config.ways), mask_(std::has_single_bit(sets_) ? sets_ - 1 : 0),
        choice_(SetShape{sets_, ways_}, seed), tags_(config.entries, kNoTag), pages_(config.entries) {}

  std::uint32_t sets() const { return sets_; }

  // The entry with this tag, made the most recent of its set; nullptr on a miss.
  PW_ALWAYS_INLINE Entry* lookup(VirtPage page, Tag tag) {
    const std::uint32_t set = set_of(page);
    const std::size_t base = std::size_t{set} * ways_;
    Tag* tags = &tags_[base];
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (tags[way] == tag) return used(set, base, way);
    return nullptr;
  }

  // The entry without touching the order, for updates that are not uses.
  Entry* find(VirtPage page, Tag tag) {
    const std::size_t base = std::size_t{set_of(page)} * ways_;
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (tags_[base + way] == tag) return &pages_[base + way];
    return nullptr;
  }

  // REQUIRES: the tag is absent.
  PW_ALWAYS_INLINE void insert(VirtPage page, Tag tag, Entry entry) {
    PW_DCHECK(find(page, tag) == nullptr);
    const std::uint32_t set = set_of(page);
    const std::size_t base = std::size_t{set} * ways_;
    if constexpr (Ways::kOrdered) {
      to_front(base, ways_ - 1, tag, entry);
    } else {
      const std::uint32_t way = way_to_fill(set, base);
      tags_[base + way] = tag;
      pages_[base + way] = entry;
      choice_.filled(set, way);
    }
  }

  void invalidate(VirtPage page, Tag tag) {
    const std::size_t base = std::size_t{set_of(page)} * ways_;
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (tags_[base + way] == tag) return drop(base, way);
  }

  // Forgets every entry whose tag satisfies the predicate.
  template <class Predicate>
  void invalidate_if(Predicate predicate) {
    for (std::size_t base = 0; base < tags_.size(); base += ways_)
      for (std::uint32_t way = ways_; way-- > 0;)
        if (tags_[base + way] != kNoTag && predicate(tags_[base + way], pages_[base + way])) drop(base, way);
  }

  // Calls visit(tag, entry) for every valid entry.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < tags_.size(); ++i)
      if (tags_[i] != kNoTag) visit(tags_[i], pages_[i]);
  }

 private:
  std::uint32_t set_of(VirtPage page) const {
    if (mask_ != 0 || sets_ == 1) return static_cast<std::uint32_t>(page.value()) & mask_;
    return static_cast<std::uint32_t>(page.value() % sets_);
  }

  Entry* used(std::uint32_t set, std::size_t base, std::uint32_t way) {
    if constexpr (!Ways::kOrdered) {
      choice_.hit(set, way);
    } else if constexpr (Ways::kMovesOnHit) {
      to_front(base, way, tags_[base + way], pages_[base + way]);
      return &pages_[base];
    }
    return &pages_[base + way];
  }

  // Puts an entry at the front; those before `last` move back one, the one at `last` is overwritten.
  // Written as a chain of swaps: compilers turn a plain shift into a call that costs more than it moves.
  void to_front(std::size_t base, std::uint32_t last, Tag tag, Entry entry) {
    for (std::uint32_t way = 0; way <= last; ++way) {
      std::swap(tag, tags_[base + way]);
      std::swap(entry, pages_[base + way]);
    }
  }

  std::uint32_t way_to_fill(std::uint32_t set, std::size_t base) {
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (tags_[base + way] == kNoTag) return way;
    return choice_.victim(set);
  }

  void drop(std::size_t base, std::uint32_t way) {
    if constexpr (Ways::kOrdered) {
      for (; way + 1 < ways_; ++way) {
        tags_[base + way] = tags_[base + way + 1];
        pages_[base + way] = pages_[base + way + 1];
      }
    }
    tags_[base + way] = kNoTag;
  }

  std::uint32_t ways_;
  std::uint32_t sets_;
  std::uint32_t mask_;
  Ways choice_;
  std::vector<Tag> tags_;
  std::vector<Entry> pages_;
};

}  // namespace pw::tlb
