// SPDX-License-Identifier: MIT
// Sets of an LRU array (tlb/array.h) seen with what the compiler may know of them: the number of ways, whether uses are
// looked up or noted, and that there is a power of two of them. The same outcome as Array's, in a third of the
// instructions.
#pragma once

#include <bit>
#include <cstdint>

#include "base/check.h"
#include "tlb/array.h"

namespace pw::tlb {

// A way of a set, known by the place of its tag.
template <std::uint32_t kWays>
class Way {
 public:
  Way() = default;
  explicit Way(std::uint64_t* tag) : tag_(tag) {}

  bool is_none() const { return tag_ == nullptr; }
  // REQUIRES: it is one, here and below.
  std::uint64_t* place() const { return tag_; }
  Tag tag() const { return *tag_; }
  Entry entry() const { return Entry(*entry_at(tag_, kWays)); }
  Time last_use() const { return *use_cell(); }
  Time* use_cell() const { return tag_ + 2 * kWays; }
  void set_tag(Tag tag) const { *tag_ = tag; }
  void set_entry(Entry entry) const { *entry_at(tag_, kWays) = entry.bits(); }

 private:
  std::uint64_t* tag_ = nullptr;
};

// A set of a first level: whatever uses an entry notes the time in its cell.
template <std::uint32_t kWays>
class NotedSet {
  static constexpr SetLayout kLayout = SetLayout::of(kWays, true);
  static_assert(kLayout.groups == 0);

 public:
  PW_ALWAYS_INLINE NotedSet(const SetMemory& memory, VirtPage page)
      : tags_(memory.words + (page.value() & memory.mask) * kLayout.words) {}

  PW_ALWAYS_INLINE Way<kWays> find(Tag tag) const {
#pragma GCC unroll 8
    for (std::uint32_t way = 0; way < kWays; ++way)
      if (tags_[way] == tag) return Way<kWays>(tags_ + way);
    return {};
  }
  // The way that was used longest ago.
  PW_ALWAYS_INLINE Way<kWays> oldest() const {
    return Way<kWays>(tags_ + oldest_among<kWays>(tags_ + 2 * kWays) % kWays);
  }

 private:
  // Times with the numbers of their ways below them, compared without a branch, which nobody could predict.
  template <std::uint32_t kCount>
  static PW_ALWAYS_INLINE std::uint64_t oldest_among(const Time* times, std::uint32_t first = 0) {
    if constexpr (kCount == 1) {
      return times[0] * kWays + first;
    } else {
      constexpr std::uint32_t kHalf = kCount / 2;
      const std::uint64_t left = oldest_among<kHalf>(times, first);
      const std::uint64_t right = oldest_among<kCount - kHalf>(times + kHalf, first + kHalf);
      return left < right ? left : right;
    }
  }

  std::uint64_t* tags_;
};

// A set of a further level, which keeps its order in a list.
template <std::uint32_t kWays>
class ListedSet {
  static constexpr SetLayout kLayout = SetLayout::of(kWays, false);
  static_assert(kLayout.groups == 1 && kWays <= AgeList::kMaxWays);

 public:
  PW_ALWAYS_INLINE ListedSet(const SetMemory& memory, VirtPage page)
      : words_(memory.words + (page.value() & memory.mask) * kLayout.words),
        list_(memory.lists + (page.value() & memory.mask)) {}

  PW_ALWAYS_INLINE Way<kWays> find(Tag tag) const {
    constexpr std::uint32_t kAll = (1u << kWays) - 1;
    std::uint32_t likely = equal_signatures(signatures(), signature_of(tag)) & kAll;
    for (; likely != 0; likely &= likely - 1) {
      std::uint64_t* const place = tags() + std::countr_zero(likely);
      if (*place == tag) return Way<kWays>(place);
    }
    return {};
  }
  PW_ALWAYS_INLINE void use(Way<kWays> way) const {
    list_->rejuvenate(static_cast<std::uint32_t>(way.place() - tags()));
  }
  // In place of the way that was used longest ago. REQUIRES: the tag is absent.
  PW_ALWAYS_INLINE void fill(Tag tag, Entry entry) const {
    const std::uint32_t number = list_->take_oldest(kWays);
    const Way<kWays> way(tags() + number);
    way.set_tag(tag);
    way.set_entry(entry);
    signatures()[number] = static_cast<Signature>(signature_of(tag));
  }

 private:
  std::uint64_t* tags() const { return words_ + kLayout.tags; }
  Signature* signatures() const { return reinterpret_cast<Signature*>(words_); }

  std::uint64_t* words_;
  AgeList* list_;
};

}  // namespace pw::tlb
