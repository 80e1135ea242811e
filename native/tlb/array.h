// SPDX-License-Identifier: MIT
// One set-associative array of translations. The set is page mod sets; sets need not be a power of two.
//
// Invariants: a tag stands at most once; ways that hold nothing have the tag kNoTag and the time 0; each
// way's signature is that of its tag.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tlb/config.h"
#include "tlb/entry.h"
#include "tlb/signatures.h"
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

// An array's host memory, for FixedArray.
struct Columns {
  Signature* signatures = nullptr;
  Tag* tags = nullptr;
  Entry* pages = nullptr;
  Time* uses = nullptr;
  AgeList* lists = nullptr;
  std::uint32_t mask = 0;  // of the set's number in a page number
  std::uint32_t ways = 0;
};

template <class Ways>
class Array {
 public:
  Array(const ArrayConfig& config, WayChoice choice, Uses uses, std::uint64_t seed)
      : ways_(config.ways),
        sets_(config.entries / config.ways),
        mask_(sets_ - 1),
        is_masked_(std::has_single_bit(sets_)),
        groups_((ways_ + kSignatureGroup - 1) / kSignatureGroup),
        last_group_(~0u >> (32 - (ways_ - (groups_ - 1) * kSignatureGroup))),
        choice_(SetShape{sets_, ways_, uses, choice}, seed),
        signatures_(std::size_t{sets_} * groups_ * kSignatureGroup,
                    static_cast<Signature>(signature_of(kNoTag))),
        tags_(config.entries, kNoTag),
        pages_(config.entries),
        uses_(config.entries) {}

  // The set of a page: what the calls below start from.
  PW_ALWAYS_INLINE SetRef set_of(VirtPage page) const {
    const auto number = static_cast<std::uint32_t>(is_masked_ ? page.value() & mask_ : page.value() % sets_);
    return {number, number * ways_};
  }

  bool has_power_of_two_sets() const { return is_masked_; }
  // Valid as long as the array. REQUIRES: the sets are a power of two.
  Columns columns() requires std::is_same_v<Ways, LruWays> {
    return {signatures_.data(), tags_.data(), pages_.data(), uses_.data(), choice_.lists(), mask_, ways_};
  }

  // kNowhere on a miss. Not a use by itself.
  PW_ALWAYS_INLINE Place find(SetRef set, Tag tag) const {
    return find_among(set.first, signatures_of(set), groups_ == 1 ? last_group_ : ~0u, tag, groups_ - 1);
  }
  // REQUIRES: the places below hold an entry.
  Tag tag(Place place) const { return tags_[place]; }
  Entry& entry(Place place) { return pages_[place]; }
  Time last_use(Place place) const { return uses_[place]; }
  // For noting uses by time alone (Uses::Noted). Valid as long as the array.
  Time* use_cell(Place place) { return &uses_[place]; }
  PW_ALWAYS_INLINE void use(Place place, SetRef set, Time time) {
    if (choice_.needs_times()) uses_[place] = time;
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
    set_tag(place, set, tag);
    pages_[place] = entry;
    if (choice_.needs_times()) uses_[place] = time;
    choice_.filled(set.number, place - set.first, time);
  }

  void drop(Place place) {
    set_tag(place, {place / ways_, place - place % ways_}, kNoTag);
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
  // Looks at a group of ways, then at the groups that follow.
  PW_ALWAYS_INLINE Place find_among(Place first, const Signature* group, std::uint32_t ways, Tag tag,
                                    std::uint32_t groups_left) const {
    std::uint32_t likely = equal_signatures(group, signature_of(tag)) & ways;
    for (; likely != 0; likely &= likely - 1) {
      const Place place = first + static_cast<Place>(std::countr_zero(likely));
      if (tags_[place] == tag) return place;
    }
    return groups_left == 0 ? kNowhere : find_beyond(first, group, tag, groups_left);
  }
  // Sets of more ways than a group has.
  PW_NOINLINE Place find_beyond(Place first, const Signature* group, Tag tag,
                                std::uint32_t groups_left) const {
    return find_among(first + kSignatureGroup, group + kSignatureGroup, groups_left == 1 ? last_group_ : ~0u,
                      tag, groups_left - 1);
  }
  const Signature* signatures_of(SetRef set) const {
    return &signatures_[std::size_t{set.number} * groups_ * kSignatureGroup];
  }

  PW_ALWAYS_INLINE void set_tag(Place place, SetRef set, Tag tag) {
    tags_[place] = tag;
    signatures_[std::size_t{set.number} * groups_ * kSignatureGroup + (place - set.first)] =
        static_cast<Signature>(signature_of(tag));
  }

  std::uint32_t ways_;
  std::uint32_t sets_;
  std::uint32_t mask_;
  bool is_masked_;
  std::uint32_t groups_;      // of signatures, in a set
  std::uint32_t last_group_;  // those of its signatures that stand for ways
  Ways choice_;
  std::vector<Signature> signatures_;
  std::vector<Tag> tags_;
  std::vector<Entry> pages_;
  std::vector<Time> uses_;
};

}  // namespace pw::tlb
