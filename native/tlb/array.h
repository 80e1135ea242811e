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
#include "base/huge_page_allocator.h"
#include "tlb/config.h"
#include "tlb/entry.h"
#include "tlb/set_layout.h"
#include "tlb/signatures.h"
#include "tlb/way_choice.h"

namespace pw::tlb {

// Where an entry stands in its array: the number of the word that has its tag.
using Place = std::uint32_t;
inline constexpr Place kNowhere = ~Place{0};

// A set: its number and its first place.
struct SetRef {
  std::uint32_t number = 0;
  Place first = 0;
};

// An array's host memory, for those who know its shape (tlb/lru_sets.h).
struct SetMemory {
  std::uint64_t* words = nullptr;
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
        choice_(SetShape{sets_, ways_, uses, choice}, seed),
        layout_(SetLayout::of(ways_, choice_.needs_times())),
        last_group_(layout_.groups == 0 ? 0 : ~0u >> (32 - (ways_ - (layout_.groups - 1) * kSignatureGroup))),
        bytes_(std::size_t{sets_} * layout_.words * sizeof(std::uint64_t)) {
    for (std::uint32_t number = 0; number < sets_; ++number) {
      const SetRef set = set_numbered(number);
      for (std::uint32_t way = 0; way < ways_; ++way) set_tag(set.first + way, set, kNoTag);
      // Beyond the ways, too: nothing but the tag that is looked for has its signature, most often.
      for (std::uint32_t way = ways_; way < layout_.groups * kSignatureGroup; ++way)
        signatures_of(set)[way] = static_cast<Signature>(signature_of(kNoTag));
    }
  }

  // The set of a page: what the calls below start from.
  PW_ALWAYS_INLINE SetRef set_of(VirtPage page) const {
    return set_numbered(static_cast<std::uint32_t>(is_masked_ ? page.value() & mask_ : page.value() % sets_));
  }

  bool has_power_of_two_sets() const { return is_masked_; }
  // Valid as long as the array. REQUIRES: the sets are a power of two.
  SetMemory set_memory() requires std::is_same_v<Ways, LruWays> {
    return {words(), choice_.lists(), mask_, ways_};
  }

  // kNowhere on a miss. Not a use by itself.
  PW_ALWAYS_INLINE Place find(SetRef set, Tag tag) const {
    if (layout_.groups == 0) return find_among_few(set, tag);
    return find_among(set.first, signatures_of(set), layout_.groups == 1 ? last_group_ : ~0u, tag,
                      layout_.groups - 1);
  }
  // REQUIRES: the places below hold an entry.
  Tag tag(Place place) const { return words()[place]; }
  Entry entry(Place place) const { return Entry(words()[place + ways_]); }
  void set_entry(Place place, Entry entry) { words()[place + ways_] = entry.bits(); }
  Time last_use(Place place) const { return words()[place + 2 * ways_]; }
  // For noting uses by time alone (Uses::Noted). Valid as long as the array.
  Time* use_cell(Place place) { return &words()[place + 2 * ways_]; }
  PW_ALWAYS_INLINE void use(Place place, SetRef set, Time time) {
    if (choice_.needs_times()) *use_cell(place) = time;
    choice_.used(set.number, place - set.first);
  }

  // The place that insert() will fill; what stands there now may be read. REQUIRES: the tag is absent.
  PW_ALWAYS_INLINE Place make_room(SetRef set) {
    if constexpr (!Ways::kPrefersFree)
      if (const Place free = find(set, kNoTag); free != kNowhere) return free;
    return set.first + choice_.victim(set.number, use_cell(set.first));
  }
  // REQUIRES: the place comes from make_room(set), with nothing in between.
  PW_ALWAYS_INLINE void insert(Place place, SetRef set, Tag tag, Entry entry, Time time) {
    set_tag(place, set, tag);
    set_entry(place, entry);
    if (choice_.needs_times()) *use_cell(place) = time;
    choice_.filled(set.number, place - set.first, time);
  }

  void drop(Place place) {
    const SetRef set = set_numbered(place / layout_.words);
    set_tag(place, set, kNoTag);
    if (choice_.needs_times()) *use_cell(place) = 0;
    choice_.dropped(set.number, place - set.first);
  }
  void invalidate(VirtPage page, Tag tag) {
    if (const Place place = find(set_of(page), tag); place != kNowhere) drop(place);
  }
  // Forgets every entry whose tag satisfies the predicate.
  template <class Predicate>
  void invalidate_if(Predicate predicate) {
    for_each_place([&](Place place) {
      if (predicate(tag(place), entry(place))) drop(place);
    });
  }

  // Calls visit(tag, entry, time of last use) for every valid entry.
  template <class Visit>
  void for_each(Visit visit) const {
    for_each_place(
        [&](Place place) { visit(tag(place), entry(place), choice_.needs_times() ? last_use(place) : 0); });
  }

 private:
  const std::uint64_t* words() const { return reinterpret_cast<const std::uint64_t*>(bytes_.data()); }
  std::uint64_t* words() { return reinterpret_cast<std::uint64_t*>(bytes_.data()); }
  SetRef set_numbered(std::uint32_t number) const { return {number, number * layout_.words + layout_.tags}; }

  // The places that hold an entry.
  template <class Visit>
  void for_each_place(Visit visit) const {
    for (std::uint32_t number = 0; number < sets_; ++number) {
      const Place first = set_numbered(number).first;
      for (Place place = first; place < first + ways_; ++place)
        if (tag(place) != kNoTag) visit(place);
    }
  }

  PW_ALWAYS_INLINE Place find_among_few(SetRef set, Tag tag) const {
    std::uint32_t equal = 0;
    for (std::uint32_t way = 0; way < ways_; ++way)
      equal |= static_cast<std::uint32_t>(words()[set.first + way] == tag) << way;
    return equal == 0 ? kNowhere : set.first + static_cast<Place>(std::countr_zero(equal));
  }
  // Looks at a group of ways, then at the groups that follow.
  PW_ALWAYS_INLINE Place find_among(Place first, const Signature* group, std::uint32_t ways, Tag tag,
                                    std::uint32_t groups_left) const {
    std::uint32_t likely = equal_signatures(group, signature_of(tag)) & ways;
    for (; likely != 0; likely &= likely - 1) {
      const Place place = first + static_cast<Place>(std::countr_zero(likely));
      if (words()[place] == tag) return place;
    }
    return groups_left == 0 ? kNowhere : find_beyond(first, group, tag, groups_left);
  }
  // Sets of more ways than a group has.
  PW_NOINLINE Place find_beyond(Place first, const Signature* group, Tag tag,
                                std::uint32_t groups_left) const {
    return find_among(first + kSignatureGroup, group + kSignatureGroup, groups_left == 1 ? last_group_ : ~0u,
                      tag, groups_left - 1);
  }
  // REQUIRES: the layout has some.
  const Signature* signatures_of(SetRef set) const {
    return reinterpret_cast<const Signature*>(&words()[set.first - layout_.tags]);
  }
  Signature* signatures_of(SetRef set) {
    return reinterpret_cast<Signature*>(&words()[set.first - layout_.tags]);
  }

  PW_ALWAYS_INLINE void set_tag(Place place, SetRef set, Tag tag) {
    words()[place] = tag;
    if (layout_.groups != 0)
      signatures_of(set)[place - set.first] = static_cast<Signature>(signature_of(tag));
  }

  std::uint32_t ways_;
  std::uint32_t sets_;
  std::uint32_t mask_;
  bool is_masked_;
  Ways choice_;
  SetLayout layout_;
  std::uint32_t last_group_;      // those of its signatures that stand for ways
  LargeVector<std::byte> bytes_;  // words and signatures, each accessed as what it is
};

}  // namespace pw::tlb
