// SPDX-License-Identifier: MIT
// Short names for what translations of virtual machines are tagged by (EPT pointer, VPID, PCID), so that
// they fit into the tags of TLBs and structure caches.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/check.h"
#include "tlb/entry.h"

namespace pw::mmu {

struct TagName {
  // In place of a PCID.
  static constexpr Asid kGlobal = tlb::kGlobalAsid;            // pages that are global in the guest
  static constexpr Asid kGuestPhysical{kGlobal.value() << 1};  // guest-physical addresses; no VPID

  PhysAddr ept;
  std::uint16_t vpid = 0;
  Asid space{};

  bool is_combined() const { return space != kGuestPhysical; }
  friend auto operator<=>(const TagName&, const TagName&) = default;
};

class TagSpace {
 public:
  static constexpr std::size_t kTags = 1u << tlb::kAsidBits;

  // The name's tag, a new one if need be; nothing if all are taken.
  std::optional<Asid> find_or_add(const TagName& name) {
    if (const auto known = tags_.find(name); known != tags_.end()) return known->second;
    if (names_.size() == kTags) return std::nullopt;
    const Asid tag(names_.size());
    names_.push_back(name);
    tags_.emplace(name, tag);
    return tag;
  }
  const TagName& name(Asid tag) const { return names_[tag.value()]; }
  void clear() {
    names_.clear();
    tags_.clear();
  }

  // Calls visit(tag, name).
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [name, tag] : tags_) visit(tag, name);
  }

 private:
  std::map<TagName, Asid> tags_;
  std::vector<TagName> names_;
};

}  // namespace pw::mmu
