// SPDX-License-Identifier: MIT
// One set-associative array of translations. The set is page mod sets; sets need not be a power of two.
//
// Invariants: a tag stands at most once; ways that hold nothing have the tag kNoTag and the time 0.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tlb/config.h"
#include "tlb/entry.h"
#include "tlb/way_choice.h"

namespace pw::tlb {

// Where an entry stands in its array.
using Place = std::uint32_t;
inline constexpr Place kNowhere = ~Place{0};

// A set: its number and its first place.
struct SetRef {
  std::uint32_t number = 0;
  Place first = 0;
};

template <class Ways>
class Array {
 public:
  Array(const ArrayConfig& config, Uses uses, std::uint64_t seed)
      : ways_(config.ways),
        sets_(config.entries / config.ways),
        mask_(std::has_single_bit(sets_) ? sets_ - 1 : 0),
        choice_(SetShape{sets_, ways_, uses}, seed),
        tags_(config.entries, kNoTag),
        pages_(config.entries),
        uses_(config.entries) {}

  // The set of a page: what the calls below start from.
  PW_ALWAYS_INLINE SetRef set_of(VirtPage page) const {
    const bool masked = mask_ != 0 || sets_ == 1;
    const auto number = static_cast<std::uint32_t>(masked ? page.value() & mask_ : page.value() % sets_);
    return {number, number * ways_};
  }

  // kNowhere on a miss. Not a use by itself.
  PW_ALWAYS_INLINE Place find(SetRef set, Tag tag) const {
    const Tag* tags = tags_.data() + set.first;
    switch (ways_) {
      case 4: return find_among<4>(tags, set.first, tag);
      case 8: return find_among<8>(tags, set.first, tag);
      case 12: return find_among<12>(tags, set.first, tag);
      case 16: return find_among<16>(tags, set.first, tag);
      default: break;
    }
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (tags[way] == tag) return set.first + way;
    return kNowhere;
  }
  // REQUIRES: the places below hold an entry.
  Tag tag(Place place) const { return tags_[place]; }
  Entry& entry(Place place) { return pages_[place]; }
  Time last_use(Place place) const { return uses_[place]; }
  // For noting uses by time alone (Uses::Noted). Valid as long as the array.
  Time* use_cell(Place place) { return &uses_[place]; }
  PW_ALWAYS_INLINE void use(Place place, SetRef set, Time time) {
    uses_[place] = time;
    choice_.used(set.number, place - set.first);
  }

  // The place that insert() will fill; what stands there now may be read. REQUIRES: the tag is absent.
  PW_ALWAYS_INLINE Place make_room(SetRef set) {
    if constexpr (!Ways::kPrefersFree)
      if (const Place free = find(set, kNoTag); free != kNowhere) return free;
    return set.first + choice_.victim(set.number, uses_.data() + set.first);
  }
  // REQUIRES: the place comes from make_room(set), with nothing in between.
  PW_ALWAYS_INLINE void insert(Place place, SetRef set, Tag tag, Entry entry, Time time) {
    tags_[place] = tag;
    pages_[place] = entry;
    uses_[place] = time;
    choice_.filled(set.number, place - set.first, time);
  }

  void drop(Place place) {
    tags_[place] = kNoTag;
    uses_[place] = 0;
    choice_.dropped(place / ways_, place % ways_);
  }
  void invalidate(VirtPage page, Tag tag) {
    if (const Place place = find(set_of(page), tag); place != kNowhere) drop(place);
  }
  // Forgets every entry whose tag satisfies the predicate.
  template <class Predicate>
  void invalidate_if(Predicate predicate) {
    for (Place place = 0; place < tags_.size(); ++place)
      if (tags_[place] != kNoTag && predicate(tags_[place], pages_[place])) drop(place);
  }

  // Calls visit(tag, entry, time of last use) for every valid entry.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < tags_.size(); ++i)
      if (tags_[i] != kNoTag) visit(tags_[i], pages_[i], uses_[i]);
  }

 private:
  template <std::uint32_t kWays>
  static PW_ALWAYS_INLINE Place find_among(const Tag* tags, Place first, Tag tag) {
    for (std::uint32_t way = 0; way < kWays; ++way)
      if (tags[way] == tag) return first + way;
    return kNowhere;
  }

  std::uint32_t ways_;
  std::uint32_t sets_;
  std::uint32_t mask_;
  Ways choice_;
  std::vector<Tag> tags_;
  std::vector<Entry> pages_;
  std::vector<Time> uses_;
};

}  // namespace pw::tlb
