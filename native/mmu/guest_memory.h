// SPDX-License-Identifier: MIT
// A guest's physical memory as its MMU reaches it: through the host's tables and a TLB of guest-physical
// translations. Where a walk of the guest's tables stands is kept here, for the walker to ask.
#pragma once

#include <optional>

#include "mmu/ept_exit.h"
#include "tlb/mixed.h"

namespace pw::mmu {

// What the host's tables say of guest-physical memory: the page, the rights in bits 2 to 0, and whether a
// store has nothing to set in the host's tables.
struct HostPage {
  static constexpr std::uint64_t kSettled = 1ull << 9;

  tlb::Translation translation;

  static HostPage of(const paging::ept::Walk& walk) {
    return {{tlb::Entry(walk.page.value() | walk.rights | (walk.dirty ? kSettled : 0)), walk.size()}};
  }
  paging::ept::Rights rights() const {
    return static_cast<paging::ept::Rights>(translation.page.bits() & paging::ept::kAll);
  }
  bool is_settled() const { return translation.page.has(kSettled); }
  bool may_store() const { return is_settled() && (rights() & paging::ept::kWrite); }
  bool serves(paging::ept::Rights needed) const {
    if ((rights() & needed) != needed) return false;
    return !(needed & paging::ept::kWrite) || is_settled();
  }
  PhysAddr physical(PhysAddr guest) const { return translation.physical(VirtAddr(guest.value())); }
};

template <class Ways>
class GuestMemory {
 public:
  // Bit of a combined upper entry: the guest's table may be written without asking the host.
  static constexpr std::uint64_t kTableSettled = HostPage::kSettled;

  GuestMemory(phys::PhysicalMemory& memory, const paging::ept::Control& control,
              const std::optional<tlb::TlbConfig>& tlb, tlb::WayChoice choice, std::uint64_t seed)
      : memory_(&memory), walker_(memory, control) {
    if (tlb) tlb_.emplace(*tlb, choice, seed);
  }

  const paging::ept::Control& control() const { return walker_.control(); }
  // `tag`: of the guest-physical addresses that these tables translate.
  void set_control(const paging::ept::Control& control, Asid tag) {
    walker_.set_control(control);
    tag_ = tag;
  }

  // A walk of the guest's tables begins, at the root or at a table whose host-physical address is known.
  void begin(VirtAddr linear, paging::WalkStart start, bool combined) {
    linear_ = linear;
    combined_ = combined ? start.level : 0;
    if (combined) tables_[start.level] = start.upper;
    exit_.reset();
  }
  // For the walker: see guest_walker.h.
  bool open(PhysAddr entry, paging::Level level, std::uint64_t*& slot) {
    opened_ = {entry, level};
    PhysAddr host = entry;
    if (level != combined_) {
      // Where the host has Accessed and Dirty bits, reading a guest's table counts as writing it.
      const paging::ept::Rights needed =
          paging::ept::kRead | (control().accessed_dirty ? paging::ept::kWrite : 0);
      const auto page = translate(entry, needed, EptExit::During::Walk);
      if (!page) return false;
      host = page->physical(entry);
      tables_[level] =
          tlb::Entry((host.value() & paging::kAddressBits) | (page->may_store() ? kTableSettled : 0));
    }
    slot = const_cast<std::uint64_t*>(memory_->peek(host));
    return true;
  }
  bool may_write() {
    if (tables_[opened_.level].has(kTableSettled)) return true;
    if (opened_.level == combined_) return false;  // the host has to be asked about an address not known here
    return translate(opened_.entry, paging::ept::kWrite, EptExit::During::Walk).has_value();
  }
  // Of the walk: the host-physical address of the table that was read at a level, and kTableSettled.
  tlb::Entry table(paging::Level level) const { return tables_[level]; }

  // Nothing if the host refuses: then exit() says why.
  std::optional<HostPage> translate(PhysAddr guest, paging::ept::Rights needed, EptExit::During during) {
    const VirtAddr address(guest.value());
    if (tlb_) {
      ++tlb_->lookups;
      if (const auto hit = tlb::find_any(*tlb_, address, tag_)) {
        if (const HostPage page{*hit}; page.serves(needed)) {
          tlb::use(*tlb_, address, hit->size, tag_, ++now_);
          return page;
        }
        tlb_->invalidate(address, tag_);
      }
      ++tlb_->misses;
    }
    const paging::ept::Walk walk = walker_.walk(guest, needed);
    references_ += walk.references;
    if (walk.end != paging::ept::End::Translated) {
      exit_ = EptExit{walk.end == paging::ept::End::Misconfiguration, during, needed, guest, linear_, walk};
      return std::nullopt;
    }
    const HostPage page = HostPage::of(walk);
    if (tlb_) tlb::insert(*tlb_, address, page.translation, tag_, ++now_);
    return page;
  }
  const std::optional<EptExit>& exit() const { return exit_; }
  // Entries of the host's tables that were read, ever.
  std::uint64_t references() const { return references_; }

  // The TLB of guest-physical translations; nullptr where there is none.
  const tlb::Tlb<Ways>* tlb() const { return tlb_ ? &*tlb_ : nullptr; }
  template <class Predicate>
  void forget_if(Predicate predicate) {
    if (tlb_) tlb_->invalidate_if([&](tlb::Tag tag, tlb::Entry) { return predicate(tlb::asid_of(tag)); });
  }

 private:
  struct Opened {
    PhysAddr entry;
    paging::Level level = 0;
  };

  phys::PhysicalMemory* memory_;
  paging::ept::Walker walker_;
  std::optional<tlb::Tlb<Ways>> tlb_;
  Asid tag_{};
  tlb::Time now_ = 0;
  std::uint64_t references_ = 0;
  VirtAddr linear_;
  paging::Level combined_ = 0;
  Opened opened_;
  tlb::Entry tables_[paging::kMaxLevels + 1];
  std::optional<EptExit> exit_;
};

}  // namespace pw::mmu
