// SPDX-License-Identifier: MIT
// The contract of replacement policies, and the interface behind which the registry puts them.
//
// A policy is a class with
//
//   static constexpr PolicyInfo info;           name, family, summary
//   struct Params { ... }                       with `static constexpr std::array kSpecs` and
//                                               `static Params of(const ParamValues&)` if it has any
//   Policy(const PolicyContext&, Params)
//   void on_insert(const Resident&, Arrival)           a page became evictable in a frame
//   void on_remove(const Resident&, Departure)         it leaves, chosen as victim or not
//   FrameIndex choose_victim()                  REQUIRES: a page is evictable. Names one and changes
//                                               no membership: on_remove(page, Evicted) follows
// at most one of
//   void on_access(FrameIndex, std::uint32_t)   each run of references to a page after its insert, in
//                                               order, all delivered before the next fault is served
//   void on_last_use(FrameIndex, std::uint64_t) the time of a page's last use so far, in any order.
//                                               Some are withheld: before it names a page, the policy
//                                               asks context.withheld_uses for that page's
//   LastUses last_uses() const                  with on_last_use: where it notes them, for those who do
//                                               the same themselves
// and, if it has a use for them,
//   void on_fault(VirtPage, std::uint64_t time) a page that is not resident is referenced; its victim
//                                               is chosen after this, then on_insert follows
//   bool gives_up(std::uint64_t time)           there is a page that it would not keep for the
//                                               reference of this time though there is room: the next
//                                               choose_victim names it. Asked before each reference
//                                               where references are seen one by one, else on faults
//   void prefetch(VirtPage) const               the page will be referenced soon: brings what on_fault looks
//                                               up near. A hint, which only simulations give
//
// - The policy sees only evictable pages; between two inserts of a page there is always a remove.
// - The faulting reference is on_insert; a run that follows it is on_access.
// - A policy with neither observer pays nothing per reference. With hardware observation none is
//   called for references: they show only as Accessed bits, through context.accessed_bits. A policy that
//   says Observes::References has on_access called for the page it names if that has the bit set, and
//   is asked again.
// - Asked twice before on_remove, choose_victim names the same page, unless chance decides.
// - A policy of Knowledge::Future reads context.future, which only a stream held in memory has.
// - Times count references from 1 and are those of Resident::time as well.
// - Ghost history is keyed by Resident::page, never by frame. Randomness comes from context.rng.
// - Memory is O(frames in use); amortized O(1) per call, or the file's first comment says why not.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "base/rng.h"

namespace pw::policy {

enum class Family : std::uint8_t { Arrival, Recency, Frequency, Random, Adaptive, WorkingSet, Bound };
// What a policy goes by: faults alone, Accessed bits (which an operating system has), or each reference.
enum class Observes : std::uint8_t { Faults, AccessedBits, References };
// Variable: the policy decides how many pages are resident.
enum class Allocation : std::uint8_t { Fixed, Variable };
enum class Knowledge : std::uint8_t { Past, Future };

struct PolicyInfo {
  std::string_view name;
  Family family;
  Observes observes;
  std::string_view summary;
  std::array<std::string_view, 2> aliases = {};  // other names that are accepted; empty: none
  Allocation allocation = Allocation::Fixed;
  Knowledge knowledge = Knowledge::Past;
};

struct Resident {
  VirtPage page;
  FrameIndex frame;
  std::uint64_t time = 0;  // of the reference that is being served
};

enum class Arrival : std::uint8_t { Fault, Prefetch, Unpinned };
enum class Departure : std::uint8_t { Evicted, Unmapped, Pinned };

// What a policy is told about references.
enum class Observation : std::uint8_t { Nothing, LastUse, Runs };

// The Accessed bits of the pages in frames, as the walker sets them.
class AccessedBits {
 public:
  virtual ~AccessedBits() = default;
  // REQUIRES: the frame holds an evictable page.
  virtual bool test_and_clear(FrameIndex frame) = 0;
};

// Uses that on_last_use was not told of yet.
class WithheldUses {
 public:
  virtual ~WithheldUses() = default;
  // Of the page in a frame; 0: none. REQUIRES: the frame holds an evictable page.
  virtual std::uint64_t last_use(FrameIndex frame) = 0;
  // Tells on_last_use of all.
  virtual void deliver_all() = 0;
};

// Which pages were stored to since they were loaded.
class DirtyBits {
 public:
  virtual ~DirtyBits() = default;
  // REQUIRES: the frame holds an evictable page.
  virtual bool test(FrameIndex frame) = 0;
};

// What the numbers of pages stand for, where a simulation has numbered them from 0 by blocks of neighbors, in the
// order of first appearance.
class PageNames {
 public:
  virtual ~PageNames() = default;
  virtual VirtPage name(VirtPage number) const = 0;
};
// For policies to which a page is more than what it is told apart by.
inline VirtPage name_of(VirtPage page, const PageNames* names) { return names ? names->name(page) : page; }

// The references to come, by times of their own that only grow with each one.
class Future {
 public:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  virtual ~Future() = default;
  // Times are below this.
  virtual std::uint64_t end() const = 0;
  // Of the reference that is being served.
  virtual std::uint64_t now() const = 0;
  // When the page that is being referenced is used again; kNever: not at all.
  virtual std::uint64_t next_use() const = 0;
  // Where the page that is used at a time is now. REQUIRES: it is resident.
  virtual FrameIndex frame_used_at(std::uint64_t time) const = 0;
};

struct PolicyContext {
  std::uint64_t frames = 0;    // frame indices are below this
  std::uint64_t capacity = 0;  // pages that may be resident at once
  Rng* rng = nullptr;
  AccessedBits* accessed_bits = nullptr;  // nullptr: exact observation
  WithheldUses* withheld_uses = nullptr;  // nullptr: nothing is withheld
  DirtyBits* dirty_bits = nullptr;        // nullptr: not known; all count as clean
  const Future* future = nullptr;         // nullptr: not known
  const PageNames* page_names = nullptr;  // nullptr: pages come under their own names
};

// A share of the frames, rounded down.
constexpr std::uint64_t share(double part, std::uint64_t frames) {
  return static_cast<std::uint64_t>(part * static_cast<double>(frames));
}

// A use (LastUse: `value` is its time) or a run of references (Runs: `value` is their number).
struct Touch {
  FrameIndex frame;
  std::uint64_t value = 0;
};

// The time of each page's last use plus 1, by frame: where a policy notes it (on_last_use), and whoever sees too many
// uses to tell them one by one. 0 and 1 are the policy's.
class LastUses {
 public:
  LastUses() = default;
  explicit LastUses(std::uint64_t* first) : first_(first) {}

  // The page was used at `time`, if not later. REQUIRES: the frame holds an evictable page.
  PW_ALWAYS_INLINE void note(FrameIndex frame, std::uint64_t time) const {
    std::uint64_t& last = first_[frame.value()];
    if (last <= time) [[likely]]
      last = time + 1;
  }
  // There will be something to note.
  PW_ALWAYS_INLINE void prefetch(FrameIndex frame) const { PW_PREFETCH(first_ + frame.value()); }

 private:
  std::uint64_t* first_ = nullptr;
};

// What choose_victim answers if whoever decides for the policy failed (hosted_policy.h); nothing has changed then.
inline constexpr FrameIndex kNoVictim{~std::uint64_t{0}};

class ReplacementPolicy {
 public:
  virtual ~ReplacementPolicy() = default;
  virtual Observation observation() const = 0;
  // Whether on_fault has an effect.
  virtual bool expects_faults() const = 0;
  virtual void on_fault(VirtPage page, std::uint64_t time) = 0;
  virtual bool gives_up(std::uint64_t time) = 0;
  // Whether it ever does.
  virtual bool may_give_up() const = 0;
  virtual void on_insert(const Resident& page, Arrival arrival) = 0;
  virtual void on_touches(std::span<const Touch> touches) = 0;
  // Valid as long as the policy. REQUIRES: it observes last uses.
  virtual LastUses last_uses() { return {}; }
  virtual void on_remove(const Resident& page, Departure departure) = 0;
  virtual FrameIndex choose_victim() = 0;
};

}  // namespace pw::policy
